#include "job.hpp"

#include "job_queue.hpp"

#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/post.hpp>

#include <array>
#include <memory>

namespace parley::store
{

namespace asio = boost::asio;

namespace
{

struct VerbTraits
{
    std::string_view name;
    bool is_write;
    bool gathers;
};

constexpr std::array<VerbTraits, verb_count> verbs{{
    {"credential_find_api_key", false, true},
    {"credential_find_access_token", false, true},
    {"experiment_find", false, true},
    {"session_list", false, true},
    {"session_retrieve", false, true},
    {"session_retrieve_messages", false, false},
    {"session_create", true, true},
    {"session_end_experiment_session", true, true},
    {"session_update_state", true, true},
    {"session_add_tags", true, true},
    {"session_remove_tags", true, true},
    {"oauth_find_access_token", false, true},
    {"oauth_save_machine_token", true, true},
    {"oauth_look", false, false},
    {"oauth_change", true, false},
    {"session_append_messages", true, false},
    {"chat_look", false, false},
    {"chat_change", true, false},
    {"session_create_reserve", true, false},
}};

template <class Handler>
class HandlerResumption final : public Resumption
{
  public:
    explicit HandlerResumption(Handler handler) : handler_(std::move(handler)) {}
    void resume() override { std::move(handler_)(); }

  private:
    Handler handler_;
};

void resume(Job& job)
{
    if (!job.waiting) return; // It has left.
    if (job.slot.is_connected()) job.slot.clear();
    auto const waiting = std::move(job.waiting);
    waiting->resume();
}

// Runs on the coroutine's thread when somebody stops its waiting: it goes on at once, and the job finishes without it.
void leave(Job& job)
{
    if (!job.waiting) return;
    job.was_left = true;
    auto resumption = std::shared_ptr<Resumption>(std::move(job.waiting));
    asio::post(job.executor, [resumption] { resumption->resume(); });
}

// The jobs that coroutines hand over during one turn of their thread. They reach the queue together at its end, behind whatever
// is ready on the thread already: one lock and one wake for all of them, and the lane that wakes finds a batch. Woken by the
// first job, it would take the processor from the thread that was about to bring the others.
struct Turn
{
    JobQueue& queue;
    boost::asio::any_io_executor executor;
    std::vector<JobPtr> jobs;
};

void hand_over_at_end_of_turn(Job& job, JobQueue& queue)
{
    thread_local std::weak_ptr<Turn> current;
    auto turn = current.lock();
    if (turn && &turn->queue == &queue && turn->executor == job.executor)
    {
        turn->jobs.emplace_back(&job);
        return;
    }
    turn = std::make_shared<Turn>(Turn{queue, job.executor, {}});
    turn->jobs.reserve(16);
    turn->jobs.emplace_back(&job);
    current = turn;
    asio::post(job.executor,
               [turn = std::move(turn)]
               {
                   if (current.lock() == turn) current.reset();
                   turn->queue.push_or_refuse(std::move(turn->jobs));
               });
}

// What hand_over does once the coroutine is suspended.
struct Submission
{
    Job* job;
    JobQueue* queue;

    template <class Handler>
    void operator()(Handler handler) const
    {
        job->executor = asio::get_associated_executor(handler);
        job->slot = asio::get_associated_cancellation_slot(handler);
        job->waiting = std::make_unique<HandlerResumption<Handler>>(std::move(handler));
        if (job->slot.is_connected()) job->slot.assign([kept = JobPtr(job)](asio::cancellation_type) { leave(*kept); });
        job->queued = std::chrono::steady_clock::now();
        hand_over_at_end_of_turn(*job, *queue);
    }
};

} // namespace

std::string_view name_of(Verb verb) noexcept
{
    return verbs[static_cast<std::size_t>(verb)].name;
}

bool is_write(Verb verb) noexcept
{
    return verbs[static_cast<std::size_t>(verb)].is_write;
}

bool gathers(Verb verb) noexcept
{
    return verbs[static_cast<std::size_t>(verb)].gathers;
}

void post_answers(std::vector<JobPtr>& settled)
{
    if (settled.empty()) return;
    auto const now = std::chrono::steady_clock::now();
    for (auto const& job : settled)
        job->answered = now;
    while (!settled.empty())
    {
        auto const executor = settled.front()->executor;
        std::vector<JobPtr> together;
        std::vector<JobPtr> others;
        together.reserve(settled.size());
        for (auto& job : settled)
            (job->executor == executor ? together : others).push_back(std::move(job));
        asio::post(executor,
                   [together = std::move(together)]
                   {
                       for (auto const& job : together)
                           resume(*job);
                   });
        settled = std::move(others);
    }
}

asio::awaitable<void> hand_over(Job& job, JobQueue& queue)
{
    Submission const submission{&job, &queue};
    return asio::async_initiate<asio::use_awaitable_t<> const, void()>(submission, asio::use_awaitable);
}

} // namespace parley::store
