#include "job_queue.hpp"

#include <algorithm>

namespace parley::store
{

void JobQueue::push_or_refuse(JobPtr job)
{
    job->queued = std::chrono::steady_clock::now();
    push_or_refuse(std::vector<JobPtr>{std::move(job)});
}

void JobQueue::push_or_refuse(std::vector<JobPtr> jobs)
{
    std::vector<JobPtr> refused;
    std::vector<JobPtr> late;
    std::unique_lock guard(mutex_);
    bool const stopping = is_stopping_;
    bool const away = is_away_;
    bool wakes = false;
    auto wait = expected_wait();
    for (auto& job : jobs)
    {
        auto const verb = static_cast<std::size_t>(job->verb);
        auto& queue = queues_[verb];
        if (away || stopping || queue.size() >= settings_.queue_jobs_max)
        {
            refused.push_back(std::move(job));
            continue;
        }
        if (comes_too_late(verb, wait))
        {
            late.push_back(std::move(job));
            continue;
        }
        wait += paces_[verb].time_of(1) / settings_.lanes;
        auto const ready = ready_at(verb, job->queued);
        queue.push_back(std::move(job));
        wakes = wakes || queue.size() >= enough_of(verb) || !timed_until_ || ready < *timed_until_;
    }
    wakes = wakes && idle_lanes_ != 0;
    judge_wait();
    guard.unlock();
    if (wakes) available_.notify_one();
    if (!late.empty()) refuse(std::move(late), Problem{ProblemCode::store_overloaded}, "queue_slow");
    if (refused.empty()) return;
    if (stopping)
        refuse(std::move(refused), Problem{ProblemCode::draining}, "stopping");
    else if (away)
        refuse(std::move(refused), Problem{ProblemCode::store_unavailable}, "database_away");
    else
        refuse(std::move(refused), Problem{ProblemCode::store_overloaded}, "queue_full");
}

std::optional<Batch> JobQueue::take()
{
    std::unique_lock guard(mutex_);
    for (;;)
    {
        if (auto batch = choose(std::chrono::steady_clock::now()))
        {
            ++gatherings_[static_cast<std::size_t>(batch->verb)].running;
            judge_wait();
            return batch;
        }
        if (is_stopping_ && std::ranges::all_of(queues_, [](auto const& queue) { return queue.empty(); })) return std::nullopt;
        wait(guard);
    }
}

// For a job that may be taken, or until one that gathers has waited long enough. One lane at a time does the latter.
void JobQueue::wait(std::unique_lock<std::mutex>& guard)
{
    ++idle_lanes_;
    if (ready_at_ && (!timed_until_ || *ready_at_ < *timed_until_))
    {
        auto const until = *ready_at_;
        timed_until_ = until;
        available_.wait_until(guard, until);
        if (timed_until_ == until) timed_until_.reset();
    }
    else
    {
        available_.wait(guard);
    }
    --idle_lanes_;
}

// Of a job that comes now: the oldest go first, so everything that waits is before it.
std::chrono::microseconds JobQueue::expected_wait() const
{
    std::chrono::microseconds sum{0};
    for (std::size_t verb = 0; verb < verb_count; ++verb)
        sum += paces_[verb].time_of(queues_[verb].size());
    return sum / settings_.lanes;
}

// However slow the database is, what makes one batch may always wait, since it costs little more than one job; and as many of a
// verb whose jobs run one at a time: they are rare, and callers that race for one thing are to hear who won. Who asks is found
// out in any case: without that nobody could be told that he has used up his limit.
bool JobQueue::comes_too_late(std::size_t verb, std::chrono::microseconds wait) const
{
    if (settings_.wait_max.count() == 0 || wait <= settings_.wait_max || finds_credential(static_cast<Verb>(verb))) return false;
    auto const learnt = static_cast<std::size_t>(paces_[verb].batch_jobs);
    bool const is_known = learnt != 0 && gathers(static_cast<Verb>(verb));
    return queues_[verb].size() >= (is_known ? std::max(learnt, settings_.batch_jobs_max / 4) : settings_.batch_jobs_max);
}

void JobQueue::judge_wait()
{
    bool slow = false;
    auto const wait = expected_wait();
    for (std::size_t verb = 0; verb < verb_count && !slow; ++verb)
        slow = comes_too_late(verb, wait);
    is_slow_.store(slow, std::memory_order_relaxed);
}

void JobQueue::has_run(Verb verb, std::size_t jobs, BatchTime const& time)
{
    std::lock_guard const guard(mutex_);
    auto const place = static_cast<std::size_t>(verb);
    auto const fit = time.others_stayed || !gathers(verb) ? jobs : settings_.batch_jobs_max;
    paces_[place].learn(fit, std::chrono::duration<double, std::micro>(time.took).count());
    auto& gathering = gatherings_[place];
    --gathering.running;
    gathering.learn(jobs, std::max<std::size_t>(settings_.batch_jobs_max / 2, 1));
    gathering.until = jobs > 1 ? std::chrono::steady_clock::now() + settings_.gather_for : TimePoint{};
    judge_wait();
}

// So many jobs of a verb are taken at once.
std::size_t JobQueue::enough_of(std::size_t verb) const
{
    auto const& gathering = gatherings_[verb];
    if (is_stopping_ || !gathers(static_cast<Verb>(verb))) return 1;
    if (gathering.running != 0) return settings_.batch_jobs_max;
    return gathering.expected;
}

// When fewer are taken.
JobQueue::TimePoint JobQueue::ready_at(std::size_t verb, TimePoint first_queued) const
{
    auto const& gathering = gatherings_[verb];
    return gathering.running != 0 ? first_queued + settings_.join_after : gathering.until;
}

std::optional<Batch> JobQueue::choose(TimePoint now)
{
    std::deque<JobPtr>* oldest_queue = nullptr;
    JobPtr const* oldest = nullptr;
    bool is_there_another = false;
    bool others_gather = false;
    ready_at_.reset();
    for (std::size_t verb = 0; verb < verb_count; ++verb)
    {
        auto& queue = queues_[verb];
        auto const first = std::ranges::find_if(queue, [&](JobPtr const& job) { return is_free(*job); });
        bool const is_empty = first == queue.end();
        // An empty queue counts too: its first job should find a lane that waits already, and not wake one to do so.
        auto const ready = is_empty ? gatherings_[verb].until : ready_at(verb, (*first)->queued);
        bool const is_enough = !is_empty && queue.size() >= enough_of(verb);
        if (!is_enough && ready > now)
        {
            ready_at_ = ready_at_ ? std::min(*ready_at_, ready) : ready;
            others_gather = others_gather || !is_empty;
            continue;
        }
        if (is_empty) continue;
        is_there_another = oldest != nullptr;
        if (oldest && (*oldest)->queued <= (*first)->queued) continue;
        oldest_queue = &queue;
        oldest = &*first;
    }
    if (!oldest) return std::nullopt;
    // Another lane has to look after what this one leaves, also when it was this one that waited for others to gather.
    bool const is_work_left = is_there_another || (others_gather && !timed_until_);
    if (is_work_left && idle_lanes_ != 0) available_.notify_one();
    return collect(*oldest_queue, JobPtr(*oldest));
}

Batch JobQueue::collect(std::deque<JobPtr>& queue, JobPtr const& first)
{
    Batch batch{.verb = first->verb, .jobs = {}, .others_stay = false};
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
    batch.others_stay = !queue.empty();
    return batch;
}

void JobQueue::finished(std::vector<JobPtr> const& jobs)
{
    // Nobody is woken: the lane that says so takes next, and sees what waited for these sessions.
    std::lock_guard const guard(mutex_);
    for (auto const& job : jobs)
        if (job->session_key != 0) busy_sessions_.erase(job->session_key);
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
    judge_wait();
    // A lane that lost its connection takes nothing next: then another one has to look.
    bool const waits = std::ranges::any_of(queues_, [](auto const& queue) { return !queue.empty(); });
    if (waits && idle_lanes_ != 0) available_.notify_one();
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
        judge_wait();
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
