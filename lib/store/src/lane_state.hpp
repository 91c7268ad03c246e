// The decisions of a lane, apart from its waiting: what follows a failure, when to connect again, when the database counts as
// away. Pure.
#pragma once

#include "database_error.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

namespace parley::store
{

// What a lane does with the jobs of a statement that failed.
enum class AfterFailure : std::uint8_t
{
    run_again,   // Nothing was done and nothing is wrong with any of them: once more, together.
    retry_alone, // The error may belong to one of them: each by itself, so that nobody pays for a neighbour.
    look_first,  // The fate of the commit is unknown: connect again and run statements that find out before they write.
    give_up,     // Answer the Problem.
};

struct FailedBatch
{
    bool is_write = false;
    std::size_t jobs = 1;
    int attempts = 1; // How often the most tried job among them has been run.
};

inline constexpr int attempts_max = 5;

// A write that loses its connection again and again may be what kills the server: it is not tried for ever.
inline constexpr int looks_max = 8;

[[nodiscard]] constexpr AfterFailure after_failure(Failure failure, FailedBatch const& batch) noexcept
{
    switch (failure)
    {
    case Failure::connection_lost:
        if (batch.is_write) return AfterFailure::look_first;
        return batch.attempts < attempts_max ? AfterFailure::run_again : AfterFailure::give_up;
    case Failure::read_only: // Nothing was done, by a server that is left now.
    case Failure::conflict:
        return batch.attempts < attempts_max ? AfterFailure::run_again : AfterFailure::give_up;
    case Failure::cancelled: // For the sake of one of them, or none; those past their deadline are dropped before another
                             // attempt.
        if (batch.attempts >= attempts_max) return AfterFailure::give_up;
        return batch.jobs > 1 ? AfterFailure::retry_alone : AfterFailure::run_again;
    case Failure::input:
    case Failure::unexpected:
        return batch.jobs > 1 ? AfterFailure::retry_alone : AfterFailure::give_up;
    case Failure::resources:
        return AfterFailure::give_up; // Trying each of them again would only press harder.
    }
    return AfterFailure::give_up;
}

// How often somebody has found that the server takes no writes any more. Who connected before that leaves it too: what it still
// answers may be out of date, since another server may be the primary by now.
using ServersLeft = std::atomic<std::uint64_t>;

// So long after a question without a word over any connection the server counts as hanging: callers are told at once then.
inline constexpr std::chrono::milliseconds silence_max{3000};

// And so long a statement waits for a server that hangs, before its connection is given up and another one tried, perhaps to
// another host.
inline constexpr std::chrono::milliseconds hanging_statement_max{5000};

// How long to wait before the next attempt to connect: doubling, and shaken so that lanes and replicas do not come all at once.
class Backoff
{
  public:
    // random is from 0 to 1.
    [[nodiscard]] std::chrono::milliseconds next(double random) noexcept
    {
        auto const step = step_;
        step_ = std::min(step_ * 2, longest);
        return std::chrono::milliseconds(static_cast<std::int64_t>(static_cast<double>(step.count()) * (0.5 + random / 2)));
    }
    void reset() noexcept { step_ = shortest; }

    static constexpr std::chrono::milliseconds shortest{50};
    // Short enough for service to be back within two seconds of the database; a refused attempt costs next to nothing.
    static constexpr std::chrono::milliseconds longest{1000};

  private:
    std::chrono::milliseconds step_ = shortest;
};

// Whether the database counts as away: no lane has a connection, and one has tried in vain; or there are connections, and
// nothing comes over any of them. A lane that lost its connection is about to try, and a server that refuses one more connection
// still serves the others.
class Breaker
{
  public:
    // Each tells what became of is_away, where it changed.
    std::optional<bool> connected() noexcept
    {
        ++connected_;
        has_failed_ = is_silent_ = false; // It has just answered.
        return change();
    }
    void lost() noexcept { --connected_; }
    std::optional<bool> attempt_failed() noexcept
    {
        has_failed_ = has_failed_ || connected_ == 0;
        return change();
    }
    std::optional<bool> is_silent(bool silent) noexcept
    {
        is_silent_ = silent;
        return change();
    }

    [[nodiscard]] bool is_away() const noexcept { return is_away_; }
    [[nodiscard]] int connected_lanes() const noexcept { return connected_; }

  private:
    std::optional<bool> change() noexcept
    {
        bool const is_away = has_failed_ || is_silent_;
        if (is_away_ == is_away) return std::nullopt;
        is_away_ = is_away;
        return is_away;
    }
    int connected_ = 0;
    bool has_failed_ = false; // With no lane connected.
    bool is_silent_ = false;
    bool is_away_ = false;
};

} // namespace parley::store
