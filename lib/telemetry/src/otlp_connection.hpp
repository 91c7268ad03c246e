// A connection to whoever takes the spans: posts a body and reads the answer, each step within a time. Blocks its thread.
#pragma once

#include "parley/telemetry/otlp_endpoint.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>

struct addrinfo;

namespace parley::telemetry
{

struct PostOutcome
{
    enum class Kind : std::uint8_t
    {
        answered,    // Then status is there.
        unreachable, // No such name, nobody there, or the connection was lost.
        timed_out,
        malformed, // The answer was no HTTP.
    };
    Kind kind = Kind::unreachable;
    int status = 0;
    std::chrono::seconds retry_after{0}; // By the field of that name; 0: none.
    std::string body = {};
};

// Of one thread, but for give_up_at. Keeps the connection from one post to the next.
class OtlpConnection
{
  public:
    using clock = std::chrono::steady_clock;

    OtlpConnection(OtlpEndpoint endpoint, std::string user_agent);
    ~OtlpConnection();
    OtlpConnection(OtlpConnection const&) = delete;
    OtlpConnection& operator=(OtlpConnection const&) = delete;

    [[nodiscard]] PostOutcome post(std::string_view json, clock::time_point until);

    // Whatever is under way ends by then, within a twentieth of a second. Any thread.
    void give_up_at(clock::time_point when) noexcept { last_moment_ = when.time_since_epoch().count(); }
    [[nodiscard]] bool has_given_up() const noexcept { return clock::now().time_since_epoch().count() >= last_moment_; }

  private:
    struct Resolution;
    enum class Step : std::uint8_t
    {
        done,
        failed,
        late,
    };

    [[nodiscard]] Step connect(clock::time_point until);
    [[nodiscard]] Step resolve(clock::time_point until);
    [[nodiscard]] Step connect_to_one(addrinfo const& address, clock::time_point until);
    [[nodiscard]] Step send_all(std::string_view bytes, clock::time_point until);
    [[nodiscard]] PostOutcome read_answer(clock::time_point until);
    [[nodiscard]] Step wait(short events, clock::time_point until) const; // NOLINT(google-runtime-int): poll's type.
    void close() noexcept;

    OtlpEndpoint endpoint_;
    std::string head_; // Up to the length.
    int socket_ = -1;
    bool was_silent_ = false; // The connection ended before the first byte of an answer.
    std::shared_ptr<Resolution> resolution_;
    std::atomic<clock::rep> last_moment_{std::numeric_limits<clock::rep>::max()};
};

} // namespace parley::telemetry
