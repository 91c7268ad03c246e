// Counting in fixed windows aligned to the epoch. Pure: the time is given, nothing is shared.
#pragma once

#include "parley/core/clock.hpp"
#include "parley/rate_limit/limiter.hpp"

#include <chrono>
#include <cstdint>

namespace parley::rate_limit
{

enum class Outcome : std::uint8_t
{
    admitted,
    refused,
    over_but_not_enforced,
};

struct Decision
{
    Standing standing;
    Outcome outcome = Outcome::admitted;
};

// One identity's window.
struct FixedWindow
{
    std::int64_t start = -1; // Seconds since the epoch; -1: never used.
    std::int64_t seconds = 0;
    std::int64_t own = 0;    // Counted on this replica.
    std::int64_t shared = 0; // The part of own that the other replicas know of.
    std::int64_t others = 0; // What the other replicas had counted at the last exchange.

    [[nodiscard]] std::int64_t total() const noexcept { return own + others; }
    [[nodiscard]] std::int64_t unshared() const noexcept { return own - shared; }
    [[nodiscard]] bool is_over(Timestamp now) const noexcept;
};

// The beginning of the window that now lies in.
[[nodiscard]] std::int64_t window_start_of(Timestamp now, std::chrono::seconds window) noexcept;

// Counts one request, unless it is refused, after turning to the window of now.
[[nodiscard]] Decision count(FixedWindow& window, Limit const& limit, Timestamp now, bool enforce) noexcept;

// What count would answer, without counting.
[[nodiscard]] Decision look(FixedWindow window, Limit const& limit, Timestamp now, bool enforce) noexcept;

// Takes in the sum over all replicas after `sent` of this replica's count had been added to it.
void take_in(FixedWindow& window, std::int64_t sum, std::int64_t sent) noexcept;

} // namespace parley::rate_limit
