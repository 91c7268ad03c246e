// Where jobs wait for a lane: a bounded queue for each verb, and the choice of what runs next. No database in here.
#pragma once

#include "job.hpp"
#include "parley/telemetry/telemetry.hpp"

#include <array>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <unordered_set>
#include <vector>

namespace parley::store
{

struct QueueSettings
{
    std::size_t queue_jobs_max = 4096;     // For each verb; beyond it a job is refused at once (store_overloaded).
    std::size_t batch_jobs_max = 64;       // In one statement.
    std::uint32_t batch_weight_max = 4096; // Rows in one statement, about; a job that is heavier runs alone.
};

// Jobs of one verb and one shape, to be run in one statement.
struct Batch
{
    Verb verb{};
    std::vector<JobPtr> jobs;
};

// Thread-safe.
class JobQueue
{
  public:
    JobQueue(QueueSettings settings, telemetry::Telemetry& telemetry) : settings_(settings), telemetry_(telemetry) {}

    // Takes the job in, or answers it at once: the queue is full, the database is away, or the store is stopping.
    void push_or_refuse(JobPtr job);

    // The verb whose oldest job has waited longest, and with that job everything else that fits into its statement. Blocks until
    // there is something; nothing when the store stops and the queue is empty. Jobs past their deadline come along, for the lane
    // to drop.
    [[nodiscard]] std::optional<Batch> take();

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

    // States how full the fullest queue is.
    void measure() const;

  private:
    [[nodiscard]] std::optional<Batch> choose();
    [[nodiscard]] bool is_free(Job const& job) const { return job.session_key == 0 || !busy_sessions_.contains(job.session_key); }
    [[nodiscard]] Batch collect(std::deque<JobPtr>& queue, JobPtr const& first);
    void refuse(std::vector<JobPtr> jobs, Problem const& problem, std::string_view reason);

    QueueSettings const settings_;
    telemetry::Telemetry& telemetry_;
    mutable std::mutex mutex_; // Guards all below.
    std::condition_variable available_;
    std::array<std::deque<JobPtr>, verb_count> queues_;
    std::unordered_set<std::uint64_t> busy_sessions_; // Sessions that a running batch writes to.
    std::size_t idle_lanes_ = 0;
    bool is_away_ = false;
    bool is_stopping_ = false;
};

} // namespace parley::store
