#include "lane.hpp"

#include <algorithm>
#include <iterator>
#include <pthread.h>
#include <sched.h>

namespace parley::store
{

using std::chrono::steady_clock;

namespace
{

// The problem told when a lane gives up.
Problem problem_after(Failure failure)
{
    switch (failure)
    {
    case Failure::input:
        return Problem{ProblemCode::store_refused};
    case Failure::cancelled:
        return Problem{ProblemCode::deadline_passed};
    case Failure::unexpected:
        return Problem{ProblemCode::internal};
    case Failure::connection_lost:
    case Failure::read_only:
    case Failure::conflict:
    case Failure::resources:
        break;
    }
    return Problem{ProblemCode::store_unavailable};
}

// A write that was sent, whose answer was lost, and that could not be looked after in time.
Problem fate_unknown_problem()
{
    return Problem{.code = ProblemCode::internal,
                   .detail = "The connection to the database was lost; whether the change was made is not known."};
}

constexpr int slots = 8;

// How long a new connection waits for the end of the process of the one before it.
constexpr std::int64_t backend_end_max_ms = 2000;
constexpr std::size_t left_backends_max = 8;

// A long answer comes in pieces of 8 KiB. A thread that takes the processor from the server for each of them makes both dearer;
// as a batch job it runs when there is a processor free, or when its turn has come. Where that cannot be set, all stays right.
void wait_for_a_free_processor() noexcept
{
    sched_param const parameters{};
    (void)pthread_setschedparam(pthread_self(), SCHED_BATCH, &parameters);
}

} // namespace

Lane::Lane(int index, LaneShared& shared)
    : index_(index), shared_(shared), references_(shared.references), thread_([this] { run(); })
{
}

Lane::~Lane()
{
    begin_stop(steady_clock::now());
    join();
}

void Lane::run()
{
    wait_for_a_free_processor();
    while (ensure_connected())
    {
        if (!held_.empty())
        {
            run_held();
            continue;
        }
        auto batch = shared_.queue.take();
        if (!batch) break;
        auto const verb = batch->verb;
        auto const jobs = batch->jobs.size();
        bool const others_stayed = batch->others_stay;
        auto const began = steady_clock::now();
        run_batch(std::move(*batch));
        shared_.queue.has_run(verb, jobs, {.took = steady_clock::now() - began, .others_stayed = others_stayed});
        if (connection_ && connection_->has_become_read_only()) leave_read_only_server("the database has become read-only");
    }
    fail(held_, fate_unknown_problem());
    shared_.queue.finished(held_);
    held_.clear();
    close_looked_after();
    flush();
    if (connection_)
    {
        close_connection();
        shared_.telemetry.observe(telemetry::LaneEnded{index_});
    }
    {
        std::lock_guard const guard(pause_mutex_);
        has_ended_ = true;
    }
    paused_.notify_all();
}

// Connected, or false when the lane is to end. While it tries, jobs of unknown fate are looked at only for their deadlines.
bool Lane::ensure_connected()
{
    if (connection_) return true;
    backoff_.reset();
    for (;;)
    {
        if (is_stopping() && steady_clock::now() >= stop_until_.load()) return false;
        if (try_connect()) return true;
        settle_held();
        if (is_stopping() && (held_.empty() || steady_clock::now() >= stop_until_.load())) return false;
        if (!pause(backoff_.next(std::uniform_real_distribution<>(0, 1)(random_))) && held_.empty()) return false;
    }
}

bool Lane::try_connect()
{
    try
    {
        left_seen_ = shared_.left.load(std::memory_order_acquire);
        connection_.emplace(shared_.connection, &socket_);
        SocketGuard::Waiting const waiting(socket_, connection_->socket());
        settle_what_was_sent();
        ask_backend();
        statements_.emplace(*connection_);
    }
    catch (DatabaseError const& error)
    {
        connection_.reset();
        std::optional<bool> changed;
        {
            std::lock_guard const guard(shared_.breaker_mutex);
            changed = shared_.breaker.attempt_failed();
            if (changed) shared_.queue.set_away(true);
        }
        if (changed) shared_.telemetry.observe(telemetry::DatabaseDown{index_, describe_connect(error)});
        return false;
    }
    shared_.heard.store(steady_clock::now(), std::memory_order_relaxed);
    {
        std::lock_guard const guard(shared_.breaker_mutex);
        if (auto const changed = shared_.breaker.connected()) shared_.queue.set_away(*changed);
    }
    {
        std::lock_guard const guard(running_mutex_);
        running_pid_ = connection_->backend_pid();
    }
    close_looked_after();
    next_number_ = last_number_ = 0; // A failover may have lost the last values of the sequence; a new block is cheap.
    shared_.telemetry.observe(telemetry::DatabaseUp{index_});
    return true;
}

// It is of no use any more.
void Lane::drop_connection(std::string const& reason)
{
    close_connection();
    shared_.telemetry.observe(telemetry::DatabaseDown{index_, reason});
}

// The other lanes are told too.
void Lane::leave_read_only_server(std::string const& reason)
{
    shared_.left.fetch_add(1, std::memory_order_acq_rel);
    drop_connection(reason);
}

void Lane::ask_backend()
{
    auto const rows = connection_->execute("select pid, backend_start::text from pg_stat_activity where pid = pg_backend_pid()");
    backend_ = {};
    if (!rows.empty()) backend_ = {static_cast<int>(rows[0].number(0)), rows[0].text(1)};
}

// A statement that was sent to a server that hung is carried out when that goes on, after whatever is written meanwhile: hence
// the process that has it is ended first. It is not found where the server is another one by now.
void Lane::settle_what_was_sent()
{
    while (!left_backends_.empty())
    {
        auto const& left = left_backends_.back();
        Parameters parameters;
        parameters.add(std::int32_t{left.pid}).add(backend_end_max_ms).add(left.started);
        auto const rows = connection_->run_once("select pg_terminate_backend(pid, $2::bigint) from pg_stat_activity "
                                                "where pid = $1::integer and backend_start = $3::text::timestamptz",
                                                parameters);
        if (!rows.empty() && !rows[0].flag(0)) throw DatabaseError("an earlier connection does not end", {}, true);
        left_backends_.pop_back();
    }
    // What a look will find may not have reached the standby that its commit was to wait for: this commit comes after it, and
    // waits for the same standby.
    if (!held_.empty()) connection_->execute("select pg_logical_emit_message(true, 'parley', '')");
}

// Nothing that was sent for them can be carried out any more.
void Lane::close_looked_after()
{
    shared_.queue.finished(unsettled_);
    unsettled_.clear();
}

void Lane::close_connection()
{
    {
        std::lock_guard const guard(running_mutex_);
        running_pid_ = 0;
    }
    statements_.reset();
    connection_.reset();
    {
        std::lock_guard const guard(shared_.breaker_mutex);
        shared_.breaker.lost();
    }
}

bool Lane::pause(std::chrono::milliseconds time)
{
    std::unique_lock guard(pause_mutex_);
    paused_.wait_for(guard, time, [&] { return is_stopping(); });
    return !is_stopping();
}

void Lane::run_batch(Batch batch)
{
    auto const began = steady_clock::now();
    auto const taken = batch.jobs;
    drop_expired(batch.jobs);
    if (!batch.jobs.empty())
    {
        auto const oldest = std::ranges::min(batch.jobs, {}, &Job::queued)->queued;
        auto const jobs = batch.jobs.size();
        for (auto const& job : batch.jobs)
            if (job->began == steady_clock::time_point{}) job->began = began;
        if (!is_write(batch.verb))
        {
            std::lock_guard const guard(running_mutex_);
            running_ = batch.jobs;
        }
        references_.begin_batch();
        auto const outcome = attempt(std::move(batch.jobs));
        if (!is_write(batch.verb)) end_of_reads();
        shared_.telemetry.observe(
            telemetry::BatchRun{name_of(batch.verb), jobs, began - oldest, steady_clock::now() - began, outcome});
    }
    // A held job keeps its session to itself.
    std::vector<JobPtr> done;
    std::ranges::copy_if(taken, std::back_inserter(done),
                         [&](JobPtr const& job) { return std::ranges::find(held_, job) == held_.end(); });
    flush();
    shared_.queue.finished(done);
}

// Runs the jobs until each is answered, put back or held. Returns the outcome in a metric's word.
std::string_view Lane::attempt(std::vector<JobPtr> jobs)
{
    std::erase_if(jobs, [](JobPtr const& job) { return job->is_settled(); });
    drop_expired(jobs);
    if (jobs.empty()) return "ok";
    for (auto const& job : jobs)
        ++job->attempts;
    LaneContext context{*statements_, references_,  static_cast<std::int16_t>((shared_.first_slot + index_) % slots),
                        next_number_, last_number_, again_,
                        settled_};
    try
    {
        if (shared_.left.load(std::memory_order_acquire) != left_seen_)
            throw DatabaseError("another lane has left this server", "25006", false);
        SocketGuard::Waiting const waiting(socket_, connection_->socket());
        connection_->only_reads(!is_write(jobs.front()->verb));
        run_jobs(context, jobs.front()->verb, jobs);
        shared_.heard.store(steady_clock::now(), std::memory_order_relaxed);
        return "ok";
    }
    catch (DatabaseError const& error)
    {
        return recover(error, std::move(jobs));
    }
    catch (std::exception const& error)
    {
        shared_.telemetry.observe(telemetry::Notice{telemetry::Notice::Level::error,
                                                    std::string("a batch of ") + std::string(name_of(jobs.front()->verb)) +
                                                        " failed: " + error.what()});
        fail(jobs, Problem{ProblemCode::internal});
        return "failed";
    }
}

std::string_view Lane::recover(DatabaseError const& error, std::vector<JobPtr> jobs)
{
    auto const failure = classify(error);
    std::erase_if(jobs, [](JobPtr const& job) { return job->is_settled(); });
    if (failure == Failure::connection_lost)
    {
        if (!jobs.empty() && is_write(jobs.front()->verb) && !backend_.started.empty() &&
            left_backends_.size() < left_backends_max)
            left_backends_.push_back(backend_);
        drop_connection(describe(error));
    }
    if (failure == Failure::read_only)
    {
        if (shared_.left.load(std::memory_order_acquire) == left_seen_)
            leave_read_only_server(describe(error));
        else
            drop_connection(describe(error));
    }
    if (jobs.empty()) return "ok";
    if (failure == Failure::read_only) // That it was refused now says nothing of an earlier attempt.
    {
        std::erase_if(jobs,
                      [&](JobPtr const& job)
                      {
                          if (!job->fate_unknown) return false;
                          held_.push_back(job);
                          return true;
                      });
        if (jobs.empty()) return "failed";
    }
    FailedBatch const facts{.is_write = is_write(jobs.front()->verb),
                            .jobs = jobs.size(),
                            .attempts = std::ranges::max(jobs, {}, &Job::attempts)->attempts};
    switch (after_failure(failure, facts))
    {
    case AfterFailure::run_again:
        if (connection_) return attempt(std::move(jobs));
        again_.insert(again_.end(), jobs.begin(), jobs.end());
        return "connection_lost";
    case AfterFailure::look_first:
        look_first(std::move(jobs));
        return "connection_lost";
    case AfterFailure::retry_alone:
        retry_alone(jobs);
        return "retried_alone";
    case AfterFailure::give_up:
        break;
    }
    shared_.telemetry.observe(
        telemetry::Notice{telemetry::Notice::Level::warning, std::string(name_of(jobs.front()->verb)) + ": " + describe(error)});
    fail(jobs, problem_after(failure));
    return failure == Failure::connection_lost ? "connection_lost" : "failed";
}

void Lane::look_first(std::vector<JobPtr> jobs)
{
    for (auto& job : jobs)
    {
        job->fate_unknown = true;
        if (job->attempts > looks_max)
            fail({job}, fate_unknown_problem()); // The server is no riddle here: it crashed.
        else
            held_.push_back(std::move(job));
    }
}

void Lane::retry_alone(std::vector<JobPtr> const& jobs)
{
    for (auto job = jobs.begin(); job != jobs.end(); ++job)
    {
        if (!connection_) // Lost meanwhile; these were not sent now, but some of them perhaps before.
        {
            std::partition_copy(job, jobs.end(), std::back_inserter(held_), std::back_inserter(again_),
                                [](JobPtr const& left) { return left->fate_unknown; });
            return;
        }
        (void)attempt({*job});
    }
}

void Lane::fail(std::vector<JobPtr> const& jobs, Problem const& problem)
{
    for (auto const& job : jobs)
    {
        if (!job->settle()) continue;
        // That another attempt failed says nothing of the first.
        job->write_problem(job->fate_unknown ? fate_unknown_problem() : problem);
        settled_.push_back(job);
    }
}

// Nobody waits for these any more. A write of unknown fate is not among them: its truth is still wanted.
void Lane::drop_expired(std::vector<JobPtr>& jobs)
{
    auto const now = steady_clock::now();
    std::erase_if(jobs,
                  [&](JobPtr const& job)
                  {
                      if (job->fate_unknown || !job->deadline.has_passed(now)) return false;
                      shared_.telemetry.observe(telemetry::JobRefused{name_of(job->verb), "expired"});
                      fail({job}, Problem{ProblemCode::deadline_passed});
                      return true;
                  });
}

// Sends the answers, and puts back what needs another turn.
void Lane::flush()
{
    post_answers(settled_);
    if (again_.empty()) return;
    shared_.queue.put_back(std::move(again_));
    again_.clear();
}

// Without a connection: who has waited too long for the truth is told that it is not known.
void Lane::settle_held()
{
    auto const now = steady_clock::now();
    std::vector<JobPtr> late;
    std::erase_if(held_,
                  [&](JobPtr const& job)
                  {
                      if (!job->deadline.has_passed(now)) return false;
                      late.push_back(job);
                      return true;
                  });
    fail(late, fate_unknown_problem());
    unsettled_.insert(unsettled_.end(), late.begin(), late.end());
    flush();
}

// With a connection again: runs the writes of unknown fate, one verb after the other; those that have lost several connections
// one by one, since one of them may be the reason.
void Lane::run_held()
{
    auto const verb = held_.front()->verb;
    bool const alone = held_.front()->attempts > 2;
    Batch batch{.verb = verb, .jobs = {}};
    std::erase_if(held_,
                  [&](JobPtr const& job)
                  {
                      if (job->verb != verb || (alone && !batch.jobs.empty())) return false;
                      batch.jobs.push_back(job);
                      return true;
                  });
    run_batch(std::move(batch));
}

int Lane::watch(steady_clock::time_point now, bool is_server_silent)
{
    auto const longest = is_server_silent ? std::min(hanging_statement_max, shared_.stuck_after) : shared_.stuck_after;
    socket_.shut_down_if_older(now, longest);
    std::vector<JobPtr> late;
    int pid = 0;
    {
        std::lock_guard const guard(running_mutex_);
        if (running_.empty()) return 0;
        for (auto const& job : running_)
            if ((is_server_silent || job->deadline.has_passed(now)) && job->settle()) late.push_back(job);
        if (!late.empty() && std::ranges::all_of(running_, [](JobPtr const& job) { return job->is_settled(); }))
            pid = running_pid_;
        is_cancelling_ = pid != 0;
    }
    for (auto const& job : late)
    {
        bool const is_late = job->deadline.has_passed(now);
        shared_.telemetry.observe(telemetry::JobRefused{name_of(job->verb), is_late ? "expired" : "database_away"});
        job->write_problem(Problem{is_late ? ProblemCode::deadline_passed : ProblemCode::store_unavailable});
    }
    post_answers(late);
    return pid;
}

void Lane::cancel_done()
{
    {
        std::lock_guard const guard(running_mutex_);
        is_cancelling_ = false;
    }
    cancelled_.notify_all();
}

// Nobody cancels what runs next. A cancel request that does not come to an end costs the connection, whose statements it then
// cannot hit.
void Lane::end_of_reads()
{
    bool is_clear = true;
    {
        std::unique_lock guard(running_mutex_);
        running_.clear();
        is_clear = cancelled_.wait_for(guard, std::chrono::seconds(1), [&] { return !is_cancelling_; });
        is_cancelling_ = false;
    }
    if (!is_clear && connection_) drop_connection("a cancel request did not come to an end");
}

void Lane::begin_stop(steady_clock::time_point until) noexcept
{
    stop_until_ = until;
    {
        std::lock_guard const guard(pause_mutex_);
        is_stopping_ = true;
    }
    paused_.notify_all();
}

void Lane::join()
{
    {
        std::unique_lock guard(pause_mutex_);
        // A server that does not answer is not waited for: the statement's fate is then unknown, and its callers are told so.
        if (!paused_.wait_until(guard, stop_until_.load(), [&] { return has_ended_; })) socket_.shut_down_for_good();
    }
    if (thread_.joinable()) thread_.join();
}

} // namespace parley::store
