#include "fixed_window.hpp"

#include <algorithm>

namespace parley::rate_limit
{

namespace
{

std::int64_t seconds_since_epoch(Timestamp now) noexcept
{
    return std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
}

// Whole seconds until the window ends, rounded up: a client that waits that long finds the next window.
std::int64_t seconds_left(FixedWindow const& window, Timestamp now) noexcept
{
    auto const end = std::chrono::sys_seconds(std::chrono::seconds(window.start + window.seconds));
    return std::max<std::int64_t>(1, std::chrono::ceil<std::chrono::seconds>(end - now).count());
}

void turn_to(FixedWindow& window, Limit const& limit, Timestamp now) noexcept
{
    auto const start = window_start_of(now, limit.window);
    if (window.start == start && window.seconds == limit.window.count()) return;
    window = FixedWindow{.start = start, .seconds = limit.window.count()};
}

} // namespace

bool FixedWindow::is_over(Timestamp now) const noexcept
{
    return seconds_since_epoch(now) >= start + seconds;
}

std::int64_t window_start_of(Timestamp now, std::chrono::seconds window) noexcept
{
    auto const seconds = seconds_since_epoch(now);
    return seconds - seconds % window.count();
}

Decision count(FixedWindow& window, Limit const& limit, Timestamp now, bool enforce) noexcept
{
    turn_to(window, limit, now);
    bool const is_over = window.total() >= limit.requests;
    Decision decision;
    if (is_over) decision.outcome = enforce ? Outcome::refused : Outcome::over_but_not_enforced;
    if (decision.outcome != Outcome::refused) ++window.own;
    decision.standing = {.limit = limit.requests,
                         .remaining = std::max<std::int64_t>(0, limit.requests - window.total()),
                         .reset = seconds_left(window, now),
                         .is_refused = decision.outcome == Outcome::refused};
    return decision;
}

Decision look(FixedWindow window, Limit const& limit, Timestamp now, bool enforce) noexcept
{
    auto decision = count(window, limit, now, enforce);
    if (decision.outcome == Outcome::admitted) ++decision.standing.remaining; // The one that was not counted.
    return decision;
}

void take_in(FixedWindow& window, std::int64_t sum, std::int64_t sent) noexcept
{
    window.shared += sent;
    window.others = std::max<std::int64_t>(0, sum - window.shared);
}

} // namespace parley::rate_limit
