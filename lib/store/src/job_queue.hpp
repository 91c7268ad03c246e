// Where jobs wait for a lane: a bounded queue for each verb, and the choice of what runs next. No database in here.
#pragma once

#include "job.hpp"
#include "parley/telemetry/telemetry.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <unordered_set>
#include <vector>

namespace parley::store
{

struct QueueSettings
{
    std::size_t queue_jobs_max = 4096;          // For each verb; beyond it a job is refused at once (store_overloaded).
    std::size_t batch_jobs_max = 64;            // In one statement.
    std::uint32_t batch_weight_max = 4096;      // Rows in one statement, about; a job that is heavier runs alone.
    std::chrono::microseconds wait_max{0};      // Beyond this expected wait a job is refused at once; 0: none. See Pace.
    std::size_t lanes = 1;                      // That take batches.
    std::chrono::microseconds join_after{2000}; // How long a job waits at most for the lane that runs its verb; see take().
    std::chrono::microseconds gather_for{500};  // How long a lane waits at most for the callers of its last batch; see take().
};

// Jobs of one verb and one shape, to be run in one statement.
struct Batch
{
    Verb verb{};
    std::vector<JobPtr> jobs;
    bool others_stay = false; // In the queue: they did not fit.
};

// How a batch went.
struct BatchTime
{
    std::chrono::steady_clock::duration took{};
    bool others_stayed = false; // Batch::others_stay.
};

// How the jobs of one verb gather: how many a lane waits for, learnt from how many came. Pure.
struct Gathering
{
    std::size_t running = 0;                       // Batches under way.
    std::size_t expected = 1;                      // Jobs that are enough for the next one.
    std::size_t calm = 0;                          // Batches to go before more are hoped for.
    std::chrono::steady_clock::time_point until{}; // When to go on with fewer.

    // A batch of so many was run. A few more than came are hoped for, up to a bound; where they do not come, the wait was in
    // vain, and it is not tried again soon.
    void learn(std::size_t jobs, std::size_t most) noexcept
    {
        constexpr std::size_t calm_batches = 32;
        bool const in_vain = jobs < expected;
        if (in_vain) calm = calm_batches;
        bool const hopes = jobs > 1 && calm == 0;
        if (calm != 0) --calm;
        expected = std::min(hopes ? jobs + 1 + jobs / 8 : jobs, most);
    }
};

// What a job of one verb costs while others wait behind it, learnt from the batches that ran. Pure.
//
// A bound on jobs alone is a bound on the wait only for a database of one speed. When more is asked than can be done, every queue
// fills to its bound, and what is accepted comes too late for who asked. So the wait is bounded too: the batches that what waits
// will make, times what a batch takes lately. While batches are quick that allows thousands of jobs, and a burst is taken in.
struct Pace
{
    double batch_microseconds = 0;
    double batch_jobs = 0; // 0: not known yet.

    // A batch took so long, and so many jobs would have fitted into it. One that stood still (a checkpoint, a lock) is believed
    // only in part.
    void learn(std::size_t jobs_that_fit, double took) noexcept
    {
        constexpr double step = 2000;
        constexpr double weight = 1.0 / 8;
        batch_microseconds += (std::min(took, 4 * batch_microseconds + step) - batch_microseconds) * weight;
        auto const fit = static_cast<double>(jobs_that_fit);
        batch_jobs = batch_jobs == 0 ? fit : batch_jobs + (fit - batch_jobs) * weight;
    }

    // Until so many jobs are done, on one lane.
    [[nodiscard]] std::chrono::microseconds time_of(std::size_t jobs) const noexcept
    {
        if (batch_jobs == 0) return {};
        return std::chrono::microseconds(static_cast<std::int64_t>(batch_microseconds * static_cast<double>(jobs) / batch_jobs));
    }
};

// Thread-safe.
class JobQueue
{
  public:
    JobQueue(QueueSettings settings, telemetry::Telemetry& telemetry) : settings_(settings), telemetry_(telemetry) {}

    // Takes the jobs in, or answers them at once: the queue is full or so long that a job would wait too long, the database is
    // away, or the store is stopping. Whoever hands them over has set Job::queued.
    void push_or_refuse(std::vector<JobPtr> jobs);
    void push_or_refuse(JobPtr job); // Sets Job::queued.

    // The verb whose oldest job has waited longest, and with that job everything else that fits into its statement. Blocks until
    // there is something; nothing when the store stops and the queue is empty. Jobs past their deadline come along, for the lane
    // to drop.
    //
    // A statement for many costs hardly more than one for few, so jobs gather. While a lane runs a batch of a verb, they wait for
    // it; another lane joins when a full batch waits, or when a job has waited for join_after. And when a batch of several is
    // done, the next one waits until about as many have come again (see Gathering; half a full batch is always enough), but not
    // longer than gather_for: those who were just answered are about to ask again. A verb that nobody runs and whose last batch
    // was a single job, or longer ago, is taken at once.
    [[nodiscard]] std::optional<Batch> take();

    // The lane that took a batch of this verb, of so many jobs, is done with it.
    void has_run(Verb verb, std::size_t jobs, BatchTime const& time = {});

    // A lane has done with these jobs: others of the same sessions may go.
    void finished(std::vector<JobPtr> const& jobs);

    // Back to the front of their queues, not bounded: they were in before. Refused while the database is away.
    void put_back(std::vector<JobPtr> jobs);

    // Jobs past their deadline, taken out.
    [[nodiscard]] std::vector<JobPtr> take_expired(std::chrono::steady_clock::time_point now);

    // While the database is away jobs are refused; those that wait are refused now.
    void set_away(bool is_away);

    // From now on jobs are refused; take() empties the queue and then returns nothing.
    void stop();

    // Answers everything that still waits.
    void refuse_all(Problem const& problem, std::string_view reason);

    [[nodiscard]] std::size_t size() const;

    // Whether a job that came now would have to wait too long. Takes no lock.
    [[nodiscard]] bool is_slow() const noexcept { return is_slow_.load(std::memory_order_relaxed); }

    // States how full the fullest queue is.
    void measure() const;

  private:
    using TimePoint = std::chrono::steady_clock::time_point;

    [[nodiscard]] std::optional<Batch> choose(TimePoint now);
    [[nodiscard]] std::size_t enough_of(std::size_t verb) const;
    [[nodiscard]] TimePoint ready_at(std::size_t verb, TimePoint first_queued) const;
    void wait(std::unique_lock<std::mutex>& guard);
    [[nodiscard]] bool is_free(Job const& job) const { return job.session_key == 0 || !busy_sessions_.contains(job.session_key); }
    [[nodiscard]] Batch collect(std::deque<JobPtr>& queue, JobPtr const& first);
    void refuse(std::vector<JobPtr> jobs, Problem const& problem, std::string_view reason);
    [[nodiscard]] std::chrono::microseconds expected_wait() const;
    [[nodiscard]] bool comes_too_late(std::size_t verb, std::chrono::microseconds wait) const;
    void judge_wait();

    QueueSettings const settings_;
    telemetry::Telemetry& telemetry_;
    mutable std::mutex mutex_; // Guards all below.
    std::condition_variable available_;
    std::array<std::deque<JobPtr>, verb_count> queues_;
    std::unordered_set<std::uint64_t> busy_sessions_; // Sessions that a running batch writes to.
    std::array<Gathering, verb_count> gatherings_{};
    std::array<Pace, verb_count> paces_{};
    std::optional<TimePoint> ready_at_; // When the first of what gathers has waited long enough.
    std::size_t idle_lanes_ = 0;
    std::optional<TimePoint> timed_until_; // An idle lane waits no longer than that.
    bool is_away_ = false;
    bool is_stopping_ = false;
    std::atomic<bool> is_slow_{false}; // Written under the mutex.
};

} // namespace parley::store
