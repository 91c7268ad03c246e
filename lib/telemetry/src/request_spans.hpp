// What is kept of a request until its spans are sent. Of a fixed size: keeping it allocates nothing.
#pragma once

#include "parley/telemetry/telemetry.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace parley::telemetry
{

// A copy of a text, cut off where it is longer.
template <std::size_t Max>
class KeptText
{
  public:
    KeptText() = default;
    explicit KeptText(std::string_view text) noexcept : size_(static_cast<std::uint8_t>(std::min(text.size(), Max)))
    {
        std::copy_n(text.data(), size_, bytes_.data());
    }
    [[nodiscard]] std::string_view view() const noexcept { return {bytes_.data(), size_}; }

  private:
    static_assert(Max <= 255);
    std::uint8_t size_ = 0;
    std::array<char, Max> bytes_{}; // The first size_ of them.
};

struct RequestSpans
{
    struct Visit
    {
        std::string_view verb; // A literal.
        std::int64_t asked_after_ns = 0;
        std::int64_t queue_ns = 0;
        std::int64_t sql_ns = 0; // 0: no lane took it up.
    };

    // Literals.
    std::string_view operation;
    std::string_view method;
    std::string_view route;
    std::string_view scheme;
    std::string_view problem;
    // Copies.
    KeptText<32> trace_id;
    KeptText<16> span_id;
    KeptText<16> parent_id;
    KeptText<64> team;
    KeptText<128> request_id;

    int status = 0;
    std::int64_t request_bytes = 0;
    std::int64_t response_bytes = 0;
    std::int64_t began_unix_ns = 0;
    std::int64_t duration_ns = 0;
    std::size_t visits_kept = 0;
    std::array<Visit, TimeInStore::visits_max> visits{}; // The first visits_kept of them.

    // How many spans they become: one for the request, and for each visit to the store one for the queue and one for the
    // statements.
    [[nodiscard]] std::size_t count() const noexcept;
};

// fact.trace is there. ended: when the request was answered, since the epoch.
[[nodiscard]] RequestSpans keep(RequestAnswered const& fact, std::chrono::nanoseconds ended) noexcept;

// Whether a random number is among so many of a million.
[[nodiscard]] bool is_sampled(std::uint64_t random, std::int64_t per_million) noexcept;

} // namespace parley::telemetry
