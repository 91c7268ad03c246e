// A worker and its connection: takes batches from the queue, runs each as one statement, deals the answers out.
#pragma once

#include "connection_pqxx.hpp"
#include "job_queue.hpp"
#include "lane_state.hpp"
#include "reference_cache.hpp"
#include "socket_guard.hpp"
#include "statements.hpp"

#include "parley/core/clock.hpp"
#include "parley/telemetry/telemetry.hpp"

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <thread>
#include <vector>

namespace parley::store
{

// What all lanes share. Outlives them.
struct LaneShared
{
    ConnectionSettings connection;
    std::chrono::milliseconds stuck_after{
        35'000};                 // A statement that the server should have ended by itself long ago: the host is gone.
    std::int16_t first_slot = 0; // Of session_count; lane i adds to slot (first_slot + i) % 8.
    JobQueue& queue;
    ReferenceEpoch& references;
    Clock const& clock;
    telemetry::Telemetry& telemetry;
    std::mutex breaker_mutex;
    Breaker breaker; // Guarded by breaker_mutex.
    ServersLeft left{0};
    std::atomic<std::chrono::steady_clock::time_point> heard{std::chrono::steady_clock::time_point{}}; // The last answer.
};

// What the statements of a batch may use, and where they leave jobs that need another turn.
struct LaneContext
{
    Statements& statements;
    ReferenceCache& references;
    std::int16_t slot = 0;
    std::int64_t& next_number; // Session numbers left of the lane's block: [next_number, last_number).
    std::int64_t& last_number;
    std::vector<JobPtr>& again;

    // After settle(); collects what post_answers sends.
    std::vector<JobPtr>& settled;

    template <class JobType, class Answer>
    void answer(JobType& job, Answer&& answer)
    {
        if (!job.settle()) return;
        job.write_answer(std::forward<Answer>(answer));
        settled.emplace_back(&job);
    }
};

// Runs one statement (or few) for jobs of one verb and one shape. Answers each of them, or leaves it in context.again. Throws
// DatabaseError; before a write is committed it answers nobody.
void run_jobs(LaneContext& context, Verb verb, std::vector<JobPtr> const& jobs);

class Lane
{
  public:
    Lane(int index, LaneShared& shared);
    ~Lane();
    Lane(Lane const&) = delete;
    Lane& operator=(Lane const&) = delete;

    // The watch, from another thread: answers reads that have outlived their deadline, all of them where the server hangs, and
    // returns the server process whose statement nobody waits for any more (0: none). Frees the lane from a host that is gone.
    // The lane runs nothing else until cancel_done: a cancel request that came late would hit the next statement, which may be a
    // write.
    [[nodiscard]] int watch(std::chrono::steady_clock::time_point now, bool is_server_silent);
    void cancel_done();

    // Ends the thread once the queue has been stopped and is empty. Jobs whose fate is unknown, and a server that does not
    // answer, are given until the time limit.
    void begin_stop(std::chrono::steady_clock::time_point until) noexcept;

    // Waits until it has ended; after begin_stop. Beyond the time limit that takes an attempt to connect at most.
    void join();

  private:
    void run();
    void run_batch(Batch batch);
    [[nodiscard]] std::string_view attempt(std::vector<JobPtr> jobs);
    [[nodiscard]] std::string_view recover(DatabaseError const& error, std::vector<JobPtr> jobs);
    void look_first(std::vector<JobPtr> jobs);
    void retry_alone(std::vector<JobPtr> const& jobs);
    void fail(std::vector<JobPtr> const& jobs, Problem const& problem);
    void drop_expired(std::vector<JobPtr>& jobs);
    void flush();

    [[nodiscard]] bool ensure_connected();
    [[nodiscard]] bool try_connect();
    void drop_connection(std::string const& reason);
    void close_connection();
    void leave_read_only_server(std::string const& reason);
    void ask_backend();
    void settle_what_was_sent();
    void close_looked_after();
    void settle_held();
    void run_held();
    [[nodiscard]] bool pause(std::chrono::milliseconds time);
    void end_of_reads();
    [[nodiscard]] bool is_stopping() const noexcept { return is_stopping_.load(std::memory_order_acquire); }

    int const index_;
    LaneShared& shared_;

    // The lane's thread only.
    std::optional<Connection> connection_;
    std::optional<Statements> statements_;
    ReferenceCache references_;
    Backoff backoff_;
    std::minstd_rand random_{std::random_device{}()};
    std::int64_t next_number_ = 0;
    std::int64_t last_number_ = 0;
    std::vector<JobPtr> settled_;
    std::vector<JobPtr> again_;
    std::vector<JobPtr> held_; // Writes of unknown fate: looked after as soon as there is a connection.
    // Writes whose callers were told that the fate is unknown. What was sent may still be carried out by a server that hung:
    // until it cannot be any more, nobody else writes to their sessions.
    std::vector<JobPtr> unsettled_;

    // The server's process behind a connection. Its time of birth tells it from another one of the same number.
    struct Backend
    {
        int pid = 0;
        std::string started;
    };
    Backend backend_;
    std::vector<Backend> left_backends_; // Given up with a write in them.
    std::uint64_t left_seen_ = 0;        // LaneShared::left when we connected.

    SocketGuard socket_;

    std::mutex running_mutex_; // Guards the four below.
    std::condition_variable cancelled_;
    std::vector<JobPtr> running_; // Reads under way.
    int running_pid_ = 0;
    bool is_cancelling_ = false;

    std::mutex pause_mutex_;
    std::condition_variable paused_;
    bool has_ended_ = false; // Guarded by pause_mutex_.
    std::atomic<bool> is_stopping_{false};
    std::atomic<std::chrono::steady_clock::time_point> stop_until_{};
    std::thread thread_;
};

} // namespace parley::store
