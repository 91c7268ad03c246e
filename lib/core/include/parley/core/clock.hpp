// Time: what the calendar says (Clock, Timestamp) and how long there is left (Deadline).
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace parley
{

// A moment in UTC with the resolution PostgreSQL keeps.
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;

// Where the calendar time comes from. Thread-safe.
class Clock
{
  public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual Timestamp now() const noexcept = 0;
};

class SystemClock final : public Clock
{
  public:
    [[nodiscard]] Timestamp now() const noexcept override;
};

// A clock that stands still until a test moves it.
class ManualClock final : public Clock
{
  public:
    explicit ManualClock(Timestamp start) : now_(start) {}
    [[nodiscard]] Timestamp now() const noexcept override { return now_.load(std::memory_order_relaxed); }
    void advance(std::chrono::microseconds by) noexcept { now_.store(now() + by, std::memory_order_relaxed); }

  private:
    std::atomic<Timestamp> now_;
};

// One question to the store.
struct StoreVisit
{
    std::string_view verb; // The statement's name, a literal.
    std::chrono::steady_clock::time_point asked;
    std::chrono::steady_clock::duration queue{}; // Until a lane took it up.
    std::chrono::steady_clock::duration sql{}; // From then to the answer: statements that it shared with others, commit included.
};

// What became of the time of one request that asked the store, once or several times. Of the request's thread: whoever waited
// there adds to it.
struct TimeInStore
{
    static constexpr std::size_t visits_max = 6;

    std::chrono::steady_clock::duration queue{}; // Of all visits.
    std::chrono::steady_clock::duration sql{};
    std::size_t visits_kept = 0;
    std::array<StoreVisit, visits_max> visits; // The first ones, up to visits_kept; more are in the sums only.
};

// The moment after which nobody waits for an answer any more. A plain value: it travels with the request into the queue and into
// SQL, and carries along where the time spent there is noted.
class Deadline
{
  public:
    using clock = std::chrono::steady_clock;

    [[nodiscard]] static Deadline after(clock::duration from_now) noexcept { return Deadline(clock::now() + from_now); }
    [[nodiscard]] static Deadline at(clock::time_point when) noexcept { return Deadline(when); }
    [[nodiscard]] static Deadline never() noexcept { return Deadline(clock::time_point::max()); }

    [[nodiscard]] bool has_passed(clock::time_point now = clock::now()) const noexcept { return now >= when_; }
    [[nodiscard]] clock::time_point when() const noexcept { return when_; }

    // The same request at another moment.
    [[nodiscard]] Deadline moved_to(clock::time_point when) const noexcept
    {
        Deadline moved = *this;
        moved.when_ = when;
        return moved;
    }

    // With a note of the time in the store, which must live until whoever is given the deadline has answered.
    [[nodiscard]] Deadline noting(TimeInStore& time) const noexcept
    {
        Deadline noted = *this;
        noted.time_in_store_ = &time;
        return noted;
    }

    // On the request's thread.
    void note_time_in_store(StoreVisit const& visit) const noexcept
    {
        if (time_in_store_ == nullptr) return;
        auto& time = *time_in_store_;
        time.queue += visit.queue;
        time.sql += visit.sql;
        if (time.visits_kept < TimeInStore::visits_max) time.visits[time.visits_kept++] = visit;
    }

  private:
    explicit Deadline(clock::time_point when) noexcept : when_(when) {}
    clock::time_point when_;
    TimeInStore* time_in_store_ = nullptr;
};

// "2026-01-01T01:00:00Z", or with exactly six decimals where there is a fraction: how the API writes times.
[[nodiscard]] std::string format_timestamp(Timestamp when);
void append_timestamp(std::string& out, Timestamp when);

// The same into memory that the caller has: timestamp_room bytes at most are written. Returns the place behind the last.
[[nodiscard]] char* put_timestamp(char* at, Timestamp when) noexcept;
inline constexpr std::size_t timestamp_room = 27;

// Reads ISO 8601 as the API writes it, and with an offset (+02:00) in place of Z; one to six decimals. Nothing for any other
// text.
[[nodiscard]] std::optional<Timestamp> parse_timestamp(std::string_view text) noexcept;

} // namespace parley
