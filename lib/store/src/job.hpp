// One caller's request to the store, and the way back to the coroutine that waits for its answer.
#pragma once

#include "parley/core/clock.hpp"
#include "parley/core/result.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace parley::store
{

// The kinds of jobs. Jobs of one verb wait in one queue and run together.
enum class Verb : std::uint8_t
{
    credential_find_api_key,
    credential_find_access_token,
    experiment_find,
    session_list,
    session_retrieve,
    session_retrieve_messages, // The pieces of a long transcript.
    session_create,
    session_end_experiment_session,
    session_update_state,
    session_add_tags,
    session_remove_tags,
    oauth_find_access_token,
    oauth_save_machine_token,
    oauth_look,              // The rarer reads of the authorization server, one at a time.
    oauth_change,            // Its transactions, one at a time.
    session_append_messages, // One at a time, like the two below.
    chat_look,               // What the chat reads.
    chat_change,             // Its transactions.
    session_create_reserve,  // What an Idempotency-Key stands for; also one at a time.
};
inline constexpr std::size_t verb_count = 19;

[[nodiscard]] std::string_view name_of(Verb verb) noexcept; // The SQL file's name; the label of metrics.
[[nodiscard]] bool is_write(Verb verb) noexcept;
[[nodiscard]] bool gathers(Verb verb) noexcept; // Its jobs share statements.

// Whether it says who asks. Short, kept in a cache, and needed before anything can be decided.
[[nodiscard]] constexpr bool finds_credential(Verb verb) noexcept
{
    return verb == Verb::credential_find_api_key || verb == Verb::credential_find_access_token ||
           verb == Verb::oauth_find_access_token;
}

// The waiting coroutine, to be resumed once, on its own thread.
class Resumption
{
  public:
    virtual ~Resumption() = default;
    virtual void resume() = 0;
};

// A job owns everything it uses: the coroutine that waits for it may leave first.
//
// Threads: made and awaited on an I/O thread; run on a lane; answered once, by whoever settles it first (the lane, or the watch
// when its deadline passes); resumed on the I/O thread.
class Job : public boost::intrusive_ref_counter<Job, boost::thread_safe_counter>
{
  public:
    Job(Verb what, Deadline until) noexcept : verb(what), deadline(until) {}
    virtual ~Job() = default;
    Job(Job const&) = delete;
    Job& operator=(Job const&) = delete;

    // True for one caller only: that one writes the answer and posts it.
    [[nodiscard]] bool settle() noexcept { return !is_settled_.exchange(true, std::memory_order_acq_rel); }
    [[nodiscard]] bool is_settled() const noexcept { return is_settled_.load(std::memory_order_acquire); }

    // After settle(): the answer is this Problem.
    virtual void write_problem(Problem problem) = 0;

    Verb verb;
    Deadline deadline;
    std::chrono::steady_clock::time_point queued{};
    std::chrono::steady_clock::time_point began{};    // When a lane took it up first. Set before the watch can see that it runs.
    std::chrono::steady_clock::time_point answered{}; // When it was settled; set by post_answers.
    std::uint64_t session_key =
        0; // Writes to a session: which one. Two jobs of one key are never under way together, and keep their order.
    std::uint64_t shape = 0;  // Only jobs of one shape fit into one statement.
    std::uint32_t weight = 1; // About the rows it moves.
    std::uint8_t attempts = 0;
    bool fate_unknown = false; // It was sent, and the connection was lost before the answer came.

    // The coroutine's side; used on its thread only, once the job has been handed over.
    boost::asio::any_io_executor executor;
    std::unique_ptr<Resumption> waiting;
    boost::asio::cancellation_slot slot;
    bool was_left = false; // The coroutine was told to stop waiting.

  protected:
    // On the coroutine's thread, after the answer was posted.
    void note_time() const noexcept
    {
        bool const has_run = began != std::chrono::steady_clock::time_point{};
        auto const taken_up = has_run ? began : answered;
        deadline.note_time_in_store(
            {.verb = name_of(verb), .asked = queued, .queue = taken_up - queued, .sql = answered - taken_up});
    }

  private:
    std::atomic<bool> is_settled_{false};
};

using JobPtr = boost::intrusive_ptr<Job>;

template <class Answer>
class AnswerJob : public Job
{
  public:
    using Job::Job;
    void write_problem(Problem problem) final { answer_.emplace(std::move(problem)); }
    void write_answer(Result<Answer> answer) { answer_.emplace(std::move(answer)); }

    // On the coroutine's thread, after it was resumed.
    [[nodiscard]] Result<Answer> take_answer()
    {
        if (was_left || !answer_) return Problem{ProblemCode::deadline_passed}; // A lane may still be at it.
        note_time();
        return std::move(*answer_);
    }

  private:
    std::optional<Result<Answer>> answer_;
};

// Resumes the coroutines of settled jobs: one post for each executor, however many jobs.
void post_answers(std::vector<JobPtr>& settled);

class JobQueue;

// Hands the job over and waits until it is settled, or until the waiting is cancelled. The job must outlive the wait: the caller
// holds it.
[[nodiscard]] boost::asio::awaitable<void> hand_over(Job& job, JobQueue& queue);

} // namespace parley::store
