#include "job_queue.hpp"

#include <algorithm>

namespace parley::store
{

void JobQueue::push_or_refuse(JobPtr job)
{
    job->queued = std::chrono::steady_clock::now();
    auto const verb = static_cast<std::size_t>(job->verb);
    std::unique_lock guard(mutex_);
    auto& queue = queues_[verb];
    if (!is_away_ && !is_stopping_ && queue.size() < settings_.queue_jobs_max)
    {
        queue.push_back(std::move(job));
        bool const wake = idle_lanes_ != 0;
        guard.unlock();
        if (wake) available_.notify_one();
        return;
    }
    bool const stopping = is_stopping_;
    bool const away = is_away_;
    guard.unlock();
    if (stopping)
        refuse({std::move(job)}, Problem{ProblemCode::draining}, "stopping");
    else if (away)
        refuse({std::move(job)}, Problem{ProblemCode::store_unavailable}, "database_away");
    else
        refuse({std::move(job)}, Problem{ProblemCode::store_overloaded}, "queue_full");
}

std::optional<Batch> JobQueue::take()
{
    std::unique_lock guard(mutex_);
    for (;;)
    {
        if (auto batch = choose()) return batch;
        if (is_stopping_ && std::ranges::all_of(queues_, [](auto const& queue) { return queue.empty(); })) return std::nullopt;
        ++idle_lanes_;
        available_.wait(guard);
        --idle_lanes_;
    }
}

std::optional<Batch> JobQueue::choose()
{
    std::deque<JobPtr>* oldest_queue = nullptr;
    JobPtr const* oldest = nullptr;
    for (auto& queue : queues_)
    {
        auto const first = std::ranges::find_if(queue, [&](JobPtr const& job) { return is_free(*job); });
        if (first == queue.end()) continue;
        if (oldest && (*oldest)->queued <= (*first)->queued) continue;
        oldest_queue = &queue;
        oldest = &*first;
    }
    if (!oldest) return std::nullopt;
    return collect(*oldest_queue, JobPtr(*oldest));
}

Batch JobQueue::collect(std::deque<JobPtr>& queue, JobPtr const& first)
{
    Batch batch{.verb = first->verb, .jobs = {}};
    std::uint64_t weight = 0;
    auto const fits = [&](Job const& job)
    {
        return batch.jobs.size() < settings_.batch_jobs_max && job.shape == first->shape && is_free(job) &&
               (batch.jobs.empty() || weight + job.weight <= settings_.batch_weight_max);
    };
    // What stays moves up, in order. A session whose earlier job stays keeps its later ones waiting too: they are not free only
    // while one is under way, and an earlier job of the same session that does not fit for its weight must not be overtaken.
    std::unordered_set<std::uint64_t> passed_over;
    auto keep = queue.begin();
    for (auto& job : queue)
    {
        bool const overtakes = job->session_key != 0 && passed_over.contains(job->session_key);
        if (!overtakes && fits(*job))
        {
            weight += job->weight;
            if (job->session_key != 0) busy_sessions_.insert(job->session_key);
            batch.jobs.push_back(std::move(job));
            continue;
        }
        if (job->session_key != 0) passed_over.insert(job->session_key);
        if (&*keep != &job) *keep = std::move(job);
        ++keep;
    }
    queue.erase(keep, queue.end());
    return batch;
}

void JobQueue::finished(std::vector<JobPtr> const& jobs)
{
    bool has_keys = false;
    {
        std::lock_guard const guard(mutex_);
        for (auto const& job : jobs)
        {
            if (job->session_key == 0) continue;
            busy_sessions_.erase(job->session_key);
            has_keys = true;
        }
        has_keys = has_keys && idle_lanes_ != 0;
    }
    if (has_keys) available_.notify_all();
}

void JobQueue::put_back(std::vector<JobPtr> jobs)
{
    std::unique_lock guard(mutex_);
    if (is_away_)
    {
        guard.unlock();
        refuse(std::move(jobs), Problem{ProblemCode::store_unavailable}, "database_away");
        return;
    }
    for (auto job = jobs.rbegin(); job != jobs.rend(); ++job)
    {
        auto& queue = queues_[static_cast<std::size_t>((*job)->verb)];
        queue.push_front(std::move(*job));
    }
    guard.unlock();
    available_.notify_all();
}

std::vector<JobPtr> JobQueue::take_expired(std::chrono::steady_clock::time_point now)
{
    std::vector<JobPtr> expired;
    std::lock_guard const guard(mutex_);
    for (auto& queue : queues_)
    {
        auto const dead =
            std::stable_partition(queue.begin(), queue.end(), [&](JobPtr const& job) { return !job->deadline.has_passed(now); });
        std::move(dead, queue.end(), std::back_inserter(expired));
        queue.erase(dead, queue.end());
    }
    return expired;
}

void JobQueue::set_away(bool is_away)
{
    {
        std::lock_guard const guard(mutex_);
        is_away_ = is_away;
    }
    if (is_away) refuse_all(Problem{ProblemCode::store_unavailable}, "database_away");
}

void JobQueue::stop()
{
    {
        std::lock_guard const guard(mutex_);
        is_stopping_ = true;
    }
    available_.notify_all();
}

void JobQueue::refuse_all(Problem const& problem, std::string_view reason)
{
    std::vector<JobPtr> jobs;
    {
        std::lock_guard const guard(mutex_);
        for (auto& queue : queues_)
        {
            std::move(queue.begin(), queue.end(), std::back_inserter(jobs));
            queue.clear();
        }
    }
    available_.notify_all();
    refuse(std::move(jobs), problem, reason);
}

std::size_t JobQueue::size() const
{
    std::lock_guard const guard(mutex_);
    std::size_t sum = 0;
    for (auto const& queue : queues_)
        sum += queue.size();
    return sum;
}

void JobQueue::measure() const
{
    std::size_t most = 0;
    {
        std::lock_guard const guard(mutex_);
        for (auto const& queue : queues_)
            most = std::max(most, queue.size());
    }
    telemetry_.observe(telemetry::QueueMeasured{.jobs = most, .jobs_max = settings_.queue_jobs_max});
}

void JobQueue::refuse(std::vector<JobPtr> jobs, Problem const& problem, std::string_view reason)
{
    std::vector<JobPtr> settled;
    for (auto& job : jobs)
    {
        if (!job->settle()) continue;
        telemetry_.observe(telemetry::JobRefused{name_of(job->verb), reason});
        job->write_problem(problem);
        settled.push_back(std::move(job));
    }
    post_answers(settled);
}

} // namespace parley::store
