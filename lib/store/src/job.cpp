#include "job.hpp"

#include "job_queue.hpp"

#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/post.hpp>

#include <array>

namespace parley::store
{

namespace asio = boost::asio;

namespace
{

struct VerbTraits
{
    std::string_view name;
    bool is_write;
};

constexpr std::array<VerbTraits, verb_count> verbs{{
    {"credential_find_api_key", false},
    {"credential_find_access_token", false},
    {"experiment_find", false},
    {"session_list", false},
    {"session_retrieve", false},
    {"session_retrieve_messages", false},
    {"session_create", true},
    {"session_end_experiment_session", true},
    {"session_update_state", true},
    {"session_add_tags", true},
    {"session_remove_tags", true},
    {"oauth_find_access_token", false},
    {"oauth_save_machine_token", true},
    {"oauth_look", false},
    {"oauth_change", true},
    {"session_append_messages", true},
    {"chat_look", false},
    {"chat_change", true},
    {"session_create_reserve", true},
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
        queue->push_or_refuse(JobPtr(job));
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
