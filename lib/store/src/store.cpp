#include "parley/store/store.hpp"

#include "chat_store.hpp"
#include "count_store.hpp"
#include "job_queue.hpp"
#include "lane.hpp"
#include "listener.hpp"
#include "parley/store/migrate.hpp"
#include "oauth_store.hpp"
#include "session_store.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include <unistd.h>

namespace parley::store
{

using std::chrono::steady_clock;

namespace
{

// How closely deadlines are watched. A caller learns of its own at the latest so much after it.
constexpr std::chrono::milliseconds watch_interval{25};

// A statement that its own timeout should have ended so long ago: the host is gone or stopped.
constexpr std::chrono::milliseconds stuck_margin{5000};

// The lanes of different hosts start at different slots of the counters, so that they seldom meet.
std::int16_t first_slot_of_host(int lanes)
{
    char name[256]{};
    ::gethostname(name, sizeof name - 1);
    auto const hash = std::hash<std::string_view>{}(name);
    return static_cast<std::int16_t>(hash % 4 * static_cast<std::size_t>(lanes) % 8);
}

} // namespace

struct Store::Impl
{
    StoreSettings settings;
    ReferenceEpoch references;
    JobQueue queue;
    LaneShared shared;
    PgSessionStore sessions;
    PgCredentialStore credentials;
    PgOAuthStore oauth;
    PgChatStore chat;
    PgCountStore counts;
    Listener listener;
    std::vector<std::unique_ptr<Lane>> lanes;

    std::mutex watch_mutex; // Guards watch_stops.
    std::condition_variable watch_changed;
    bool watch_stops = false;
    std::thread watch;
    std::once_flag stopped;

    Impl(StoreSettings given, Clock const& clock, telemetry::Telemetry& telemetry)
        : settings(std::move(given)), queue({.queue_jobs_max = settings.queue_jobs_max,
                                             .batch_jobs_max = settings.batch_jobs_max,
                                             .batch_weight_max = settings.batch_rows_max,
                                             .wait_max = settings.queue_wait_max,
                                             .lanes = static_cast<std::size_t>(std::max(settings.lanes, 1))},
                                            telemetry),
          shared{.connection = connection_settings(),
                 .stuck_after = settings.longest_deadline + stuck_margin,
                 .first_slot = first_slot_of_host(settings.lanes),
                 .queue = queue,
                 .references = references,
                 .clock = clock,
                 .telemetry = telemetry,
                 .breaker_mutex = {},
                 .breaker = {},
                 .left = {},
                 .heard = {}},
          sessions(queue), credentials(queue), oauth(queue), chat(queue), counts(connection_settings(), clock),
          listener(connection_settings(), shared.left)
    {
        listener.on_change([this](std::string_view what) { references.trust(what != "lost"); });
        references.trust(listener.is_listening());
        for (int i = 0; i < settings.lanes; ++i)
            lanes.push_back(std::make_unique<Lane>(i, shared));
        watch = std::thread([this] { run_watch(); });
    }

    [[nodiscard]] ConnectionSettings connection_settings() const
    {
        return {.database_url = settings.database_url,
                .application_name = "parley",
                .statement_timeout = settings.longest_deadline,
                .connect_timeout = settings.connect_timeout};
    }

    void run_watch()
    {
        std::unique_lock guard(watch_mutex);
        while (!watch_changed.wait_for(guard, watch_interval, [&] { return watch_stops; }))
        {
            guard.unlock();
            look_around(steady_clock::now());
            guard.lock();
        }
    }

    void look_around(steady_clock::time_point now)
    {
        queue.measure();
        auto expired = queue.take_expired(now);
        std::vector<JobPtr> settled;
        for (auto& job : expired)
        {
            if (!job->settle()) continue;
            shared.telemetry.observe(telemetry::JobRefused{name_of(job->verb), "expired"});
            job->write_problem(Problem{ProblemCode::deadline_passed});
            settled.push_back(std::move(job));
        }
        post_answers(settled);
        bool const is_silent = look_for_silence(now);
        for (auto const& lane : lanes)
            if (int const process = lane->watch(now, is_silent))
                listener.cancel(process, [&lane = *lane] { lane.cancel_done(); });
        listener.socket().shut_down_if_older(now, std::chrono::seconds(10));
        counts.socket().shut_down_if_older(now, std::chrono::seconds(5));
    }

    // Whether the server hangs. It has answered neither the listener nor a lane for a while; a statement that takes its time
    // while others come through says nothing.
    bool look_for_silence(steady_clock::time_point now)
    {
        bool const is_silent = listener.waits_in_vain(now) && now - shared.heard.load(std::memory_order_relaxed) > silence_max;
        std::optional<bool> changed;
        {
            std::lock_guard const guard(shared.breaker_mutex);
            changed = shared.breaker.is_silent(is_silent);
            if (changed) queue.set_away(*changed);
        }
        if (changed && is_silent)
            shared.telemetry.observe(telemetry::Notice{telemetry::Notice::Level::warning,
                                                       "the database does not answer: callers are refused until it does"});
        return is_silent;
    }

    void stop(std::chrono::milliseconds within)
    {
        auto const until = steady_clock::now() + within;
        // All are told before any is waited for: each may be in an attempt to connect, which cannot be broken off.
        queue.stop();
        counts.stop();
        listener.begin_stop();
        while (steady_clock::now() < until && queue.size() != 0)
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        queue.refuse_all(Problem{ProblemCode::draining}, "stopping");
        for (auto const& lane : lanes)
            lane->begin_stop(until);
        for (auto const& lane : lanes)
            lane->join();
        queue.refuse_all(Problem{ProblemCode::draining}, "stopping"); // What a lane put back at the end.
        {
            std::lock_guard const guard(watch_mutex);
            watch_stops = true;
        }
        watch_changed.notify_all();
        watch.join();
        listener.stop();
        lanes.clear();
    }
};

Store::Store(StoreSettings settings, Clock const& clock, telemetry::Telemetry& telemetry)
    : impl_(std::make_unique<Impl>(std::move(settings), clock, telemetry))
{
}

Store::~Store()
{
    stop(std::chrono::milliseconds(0));
}

domain::SessionStore& Store::sessions() noexcept
{
    return impl_->sessions;
}
auth::CredentialStore& Store::credentials() noexcept
{
    return impl_->credentials;
}
oauth::OAuthStore& Store::oauth() noexcept
{
    return impl_->oauth;
}
chat::ChatStore& Store::chat() noexcept
{
    return impl_->chat;
}
rate_limit::CountStore& Store::counts() noexcept
{
    return impl_->counts;
}

void Store::on_change(std::function<void(std::string_view what)> call)
{
    impl_->listener.on_change(std::move(call));
}

bool Store::is_overloaded() const noexcept
{
    return impl_->queue.is_slow();
}

bool Store::is_up() const noexcept
{
    std::lock_guard const guard(impl_->shared.breaker_mutex);
    return impl_->shared.breaker.connected_lanes() > 0;
}

bool Store::wait_until_up(std::chrono::milliseconds timeout) const
{
    auto const until = steady_clock::now() + timeout;
    while (!is_up())
    {
        if (steady_clock::now() >= until) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return true;
}

std::optional<std::string> Store::why_not_ready() const
{
    if (!is_up()) return "the database is away";
    if (impl_->listener.hears_nothing()) return "the database does not answer";
    int const schema = impl_->listener.schema_number();
    if (schema < 0) return "the schema has not been read yet";
    if (schema < newest_migration())
        return "the database has schema " + std::to_string(schema) + ", this binary needs " + std::to_string(newest_migration()) +
               ": run parleyd migrate";
    return std::nullopt;
}

void Store::stop(std::chrono::milliseconds within)
{
    std::call_once(impl_->stopped, [&] { impl_->stop(within); });
}

} // namespace parley::store
