#include "application.hpp"

#include "authorization.hpp"
#include "io_threads.hpp"
#include "service_manager.hpp"
#include "stop_signal.hpp"
#include "usable_cores.hpp"
#include "version.hpp"

#include "parley/admin/admin_server.hpp"
#include "parley/admin/heartbeat.hpp"
#include "parley/api/resources.hpp"
#include "parley/auth/authenticator.hpp"
#include "parley/chat/resources.hpp"
#include "parley/http/connection_counts.hpp"
#include "parley/http/listener.hpp"
#include "parley/pipeline/pipeline.hpp"
#include "parley/rate_limit/limiter.hpp"
#include "parley/routing/route_table.hpp"
#include "parley/store/administration.hpp"
#include "parley/store/migrate.hpp"
#include "parley/store/private_postgres.hpp"
#include "parley/store/store.hpp"
#include "parley/telemetry/telemetry.hpp"
#include "parley/world/demo.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sys/resource.h>

namespace parley
{

namespace
{

namespace asio = boost::asio;
using std::chrono::milliseconds;
using telemetry::Notice;

constexpr milliseconds store_ready_within{10'000};
constexpr milliseconds poll_interval{5};
constexpr milliseconds key_look_interval{30'000};
constexpr milliseconds key_look_deadline{5'000};
constexpr milliseconds last_jobs{2'000}; // For jobs whose callers were cut off: a write that was sent is still committed.
constexpr std::size_t files_besides_connections = 256; // Lanes, log, the admin port, PostgreSQL's own.

enum class Phase : std::uint8_t
{
    starting,
    serving,
    draining,
};

telemetry::TelemetrySettings with_version(telemetry::TelemetrySettings settings)
{
    settings.version = project_version;
    settings.revision = project_revision.empty() ? "unknown" : project_revision;
    return settings;
}

// The soft limit is often 1,024, which is less than the connections we mean to hold; the hard limit is ours to take.
std::size_t raise_file_limit()
{
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    ::getrlimit(RLIMIT_NOFILE, &limit);
    return static_cast<std::size_t>(limit.rlim_cur);
}

// A named coroutine, not a lambda: it takes what the application owns until the io_context is gone.
asio::awaitable<void> share_counts(rate_limit::Limiter& limiter, rate_limit::CountStore& counts, milliseconds interval)
{
    asio::steady_timer timer(co_await asio::this_coro::executor);
    for (;;)
    {
        timer.expires_after(interval);
        co_await timer.async_wait(asio::use_awaitable);
        limiter.exchange(counts);
    }
}

// States when the next key ends, for ever. A database that is away is in the log already; what was stated last stands meanwhile.
asio::awaitable<void> watch_keys(auth::CredentialStore& credentials, Clock const& clock, telemetry::Telemetry& telemetry)
{
    asio::steady_timer timer(co_await asio::this_coro::executor);
    for (;;)
    {
        auto const next = co_await credentials.next_key_expiry(clock.now(), Deadline::after(key_look_deadline));
        if (next) telemetry.observe(telemetry::KeyExpiryMeasured{*next});
        timer.expires_after(key_look_interval);
        co_await timer.async_wait(asio::use_awaitable);
    }
}

store::PrivatePostgresSettings to_private_settings(config::DatabaseSettings const& settings)
{
    return {.data_dir = settings.data_dir,
            .binaries = settings.postgres_binaries,
            .shared_buffers = settings.postgres_shared_buffers};
}

store::StoreSettings to_store_settings(config::Settings const& settings, std::string const& database_url)
{
    store::StoreSettings store{.database_url = database_url,
                               .lanes = static_cast<int>(settings.database.lanes),
                               .queue_jobs_max = settings.database.queue_jobs_max,
                               .queue_wait_max = settings.database.queue_wait_max,
                               .batch_jobs_max = settings.database.batch_jobs_max};
    store.longest_deadline = std::max(store.longest_deadline, settings.pipeline.request_timeout);
    return store;
}

chat::ChatSettings to_chat_settings(config::Settings const& settings)
{
    chat::ChatSettings chat;
    chat.token_lifetime = std::chrono::days(settings.chat_session_token_days);
    chat.sign_in_idle_max = settings.authorization.server.session_idle_max;
    chat.sign_in_age_max = settings.authorization.server.session_age_max;
    chat.platform_url = settings.platform_url;
    return chat;
}

asio::awaitable<Result<http::Response>> ask_admin(admin::AdminServer& server, routing::Call const& call)
{
    co_return co_await server.answer(call.request);
}

// The admin port's figures at the API's address.
routing::Resource to_metrics_resource(admin::AdminServer& server)
{
    auto const ask = [&server](routing::Call const& call) { return ask_admin(server, call); };
    return {.path = "/metrics",
            .allow = "GET, HEAD",
            .access = routing::Access::open,
            .produces = "*",
            .operations = {{.id = "metrics", .method = http::Method::get, .handle = ask}},
            .counting = routing::Counting::none};
}

// Born from top to bottom, dead from bottom to top.
class Application
{
  public:
    explicit Application(config::Settings settings);
    ~Application();
    Application(Application const&) = delete;
    Application& operator=(Application const&) = delete;

    int run();

  private:
    void open_admin();
    void open_database();
    void open_store();
    void open_api();
    void wait_for_store();
    void announce() const;
    void drain();
    void close();
    void say(Notice::Level level, std::string text) { telemetry_.observe(Notice{level, std::move(text)}); }

    [[nodiscard]] bool is_alive() const;
    [[nodiscard]] std::optional<std::string> why_not_ready() const;

    ServiceManager service_manager_; // First: it reads the environment before there are threads.
    config::Settings settings_;
    SystemClock clock_;
    telemetry::Telemetry telemetry_;
    std::atomic<Phase> phase_{Phase::starting};

    std::optional<store::PrivatePostgres> private_postgres_;
    std::string database_url_;
    std::optional<world::Demo> demo_; // What the first start made.
    std::unique_ptr<store::Store> store_;
    std::unique_ptr<auth::Authenticator> authenticator_;
    std::unique_ptr<rate_limit::Limiter> limiter_;
    std::unique_ptr<Authorization> authorization_;
    std::unique_ptr<routing::RouteTable> routes_;
    std::unique_ptr<pipeline::Pipeline> pipeline_;
    std::unique_ptr<admin::AdminServer> admin_server_;

    IoThreads admin_thread_; // The admin port and the signals. Does nothing that blocks: it answers while the database hangs.
    IoThreads background_thread_; // Timers that ask the database.
    IoThreads io_threads_;
    // Of the I/O threads, whose timers they hold: they die first. Complete before the phase is serving.
    std::vector<admin::Heartbeat> heartbeats_;
    StopSignal stop_;
    std::unique_ptr<http::Listener> admin_listener_;
    std::unique_ptr<http::Listener> listener_;
};

Application::Application(config::Settings settings)
    : settings_(std::move(settings)), telemetry_(with_version(settings_.telemetry)), database_url_(settings_.database.url),
      admin_thread_("admin", 1, telemetry_), background_thread_("background", 1, telemetry_),
      io_threads_("io-", settings_.io_threads != 0 ? settings_.io_threads : (usable_cores() + 1) / 2, telemetry_),
      stop_(admin_thread_.context())
{
    auto const files = raise_file_limit();
    if (files < settings_.connections.connections_max + files_besides_connections)
        say(Notice::Level::warning, "connections-max is " + std::to_string(settings_.connections.connections_max) +
                                        ", but this process may open only " + std::to_string(files) + " files (ulimit -n)");
}

// When a start fails, threads are running already: they end before what they use.
Application::~Application()
{
    if (store_) store_->stop(milliseconds::zero());
    background_thread_.stop();
    io_threads_.stop();
    admin_thread_.stop();
}

int Application::run()
{
    open_admin();
    open_database();
    open_store();
    open_api();
    wait_for_store();
    phase_ = Phase::serving;
    announce();
    service_manager_.tell("READY=1\nSTATUS=serving at " + listener_->url());
    stop_.wait();
    drain();
    close();
    return 0;
}

void Application::open_admin()
{
    admin::Health health{.is_alive = [this] { return is_alive(); },
                         .why_not_ready = [this] { return why_not_ready(); },
                         .has_started = [this] { return phase_ != Phase::starting; }};
    admin::Build const build{
        .version = std::string(project_version), .revision = std::string(project_revision), .type = std::string(build_type)};
    admin_server_ = std::make_unique<admin::AdminServer>(telemetry_, std::move(health), build);
    http::ListenerSettings const listener{.address = settings_.admin_listen, .traffic = http::Traffic::probes};
    auto counts = std::make_shared<http::ConnectionCounts>(http::ConnectionCountsSettings{.connections_max = 256});
    admin_listener_ =
        std::make_unique<http::Listener>(admin_thread_.contexts(), listener, *admin_server_, telemetry_, std::move(counts));
    admin_listener_->bind();
    admin_listener_->start();
    if (auto const interval = service_manager_.watchdog_interval())
        asio::co_spawn(admin_thread_.context(), keep_watchdog(service_manager_, *interval, [this] { return is_alive(); }),
                       asio::detached);
    admin_thread_.start();
    say(Notice::Level::info, "admin port at " + admin_listener_->url());
}

void Application::open_database()
{
    if (database_url_.empty())
    {
        private_postgres_.emplace(to_private_settings(settings_.database));
        database_url_ = private_postgres_->database_url();
    }
    for (auto const& name : store::migrate(database_url_, clock_))
        say(Notice::Level::info, "migrated: " + name);
    if (!private_postgres_) return;
    store::Administration administration(database_url_, "parleyd", clock_);
    demo_ = world::make_demo(administration, clock_);
}

void Application::open_store()
{
    store_ = std::make_unique<store::Store>(to_store_settings(settings_, database_url_), clock_, telemetry_);
    authenticator_ = std::make_unique<auth::Authenticator>(store_->credentials(), clock_, telemetry_, settings_.auth);
    store_->on_change(
        [authenticator = authenticator_.get()](std::string_view what)
        {
            // Chatbots decide nothing about callers; everything else may, and so may what went unheard while nobody listened.
            if (what != "experiment") authenticator->forget();
        });
    limiter_ = std::make_unique<rate_limit::Limiter>(clock_, telemetry_, settings_.rate_limit);
    authorization_ =
        std::make_unique<Authorization>(store_->oauth(), *authenticator_, *limiter_, clock_, telemetry_, settings_.authorization);
    store_->on_change([authorization = authorization_.get()](std::string_view) { authorization->forget(); });
    asio::co_spawn(background_thread_.context(), share_counts(*limiter_, store_->counts(), settings_.rate_limit.share_interval),
                   asio::detached);
    asio::co_spawn(background_thread_.context(), authorization_->keep_removing_expired(), asio::detached);
    asio::co_spawn(background_thread_.context(), watch_keys(store_->credentials(), clock_, telemetry_), asio::detached);
    background_thread_.start();
}

void Application::open_api()
{
    auto resources = api::make_resources(store_->sessions(), clock_, api::ApiSettings{.platform_url = settings_.platform_url});
    std::ranges::move(chat::make_resources(store_->chat(), *limiter_, clock_, to_chat_settings(settings_)),
                      std::back_inserter(resources));
    std::ranges::move(authorization_->resources(), std::back_inserter(resources));
    if (settings_.metrics_on_api) resources.push_back(to_metrics_resource(*admin_server_));
    routes_ = std::make_unique<routing::RouteTable>(std::move(resources));
    pipeline_ = std::make_unique<pipeline::Pipeline>(*routes_, *authenticator_, *limiter_, telemetry_, settings_.pipeline,
                                                     [this] { return store_->is_overloaded(); });
    auto counts = std::make_shared<http::ConnectionCounts>(settings_.connections);
    listener_ =
        std::make_unique<http::Listener>(io_threads_.contexts(), settings_.listener, *pipeline_, telemetry_, std::move(counts));
    listener_->bind();
    for (auto const& context : io_threads_.contexts())
        heartbeats_.emplace_back(context.get()).start();
    listener_->start();
    io_threads_.start();
}

// Whoever reads the line that says so may rely on /readyz. A database that went away meanwhile does not keep the service down.
void Application::wait_for_store()
{
    auto const end = std::chrono::steady_clock::now() + store_ready_within;
    (void)store_->wait_until_up(store_ready_within);
    auto why_not = store_->why_not_ready();
    for (; why_not && std::chrono::steady_clock::now() < end && !stop_.is_requested(); why_not = store_->why_not_ready())
        std::this_thread::sleep_for(poll_interval);
    if (why_not) say(Notice::Level::warning, "serving, but not ready: " + *why_not);
}

// The one line that scripts wait for, in one write with what the first start has to show.
void Application::announce() const
{
    auto text = "parleyd listening on " + listener_->url() + "\n";
    if (demo_) text += "curl -s -H 'X-api-key: " + demo_->key + "' '" + listener_->url() + "/api/sessions/'\n";
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
}

// Not ready -> a pause in which the load balancer notices -> no new connections -> what is in flight is finished.
void Application::drain()
{
    phase_ = Phase::draining;
    service_manager_.tell("STOPPING=1\nSTATUS=draining");
    say(Notice::Level::info, "draining");
    std::this_thread::sleep_for(settings_.drain.pause);
    listener_->stop_accepting();
    listener_->begin_drain();
    auto const end = std::chrono::steady_clock::now() + settings_.drain.limit;
    while (listener_->open_connections() > 0 && std::chrono::steady_clock::now() < end)
        std::this_thread::sleep_for(poll_interval);
    if (auto const left = listener_->open_connections(); left > 0)
        say(Notice::Level::warning, "drain-seconds are over; " + std::to_string(left) + " connections are cut");
}

void Application::close()
{
    store_->stop(last_jobs);
    background_thread_.stop(); // Behind the store, which frees it from a database that hangs.
    io_threads_.stop();        // Behind the store, which posts its answers there.
    admin_listener_->stop_accepting();
    admin_thread_.stop();
    if (private_postgres_) private_postgres_->stop();
    say(Notice::Level::info, "stopped");
    telemetry_.flush();
}

bool Application::is_alive() const
{
    if (phase_ == Phase::starting) return true; // /startupz and its patience are for this.
    return std::all_of(heartbeats_.begin(), heartbeats_.end(),
                       [](admin::Heartbeat const& heartbeat) { return heartbeat.is_beating(); });
}

std::optional<std::string> Application::why_not_ready() const
{
    switch (phase_.load())
    {
    case Phase::starting:
        return "starting";
    case Phase::draining:
        return "draining";
    case Phase::serving:
        break;
    }
    return store_->why_not_ready();
}

} // namespace

int serve(config::Settings settings)
{
    return Application(std::move(settings)).run();
}

int migrate(config::Settings const& settings)
{
    SystemClock const clock;
    std::optional<store::PrivatePostgres> private_postgres;
    if (settings.database.url.empty())
        private_postgres.emplace(store::PrivatePostgres::start_or_join(to_private_settings(settings.database)));
    auto const applied = store::migrate(private_postgres ? private_postgres->database_url() : settings.database.url, clock);
    for (auto const& name : applied)
        std::printf("applied %s\n", name.c_str());
    if (applied.empty()) std::printf("nothing to do: the database is at migration %d\n", store::newest_migration());
    return 0;
}

int distribute(config::Settings const& settings)
{
    if (settings.database.url.empty())
        throw std::runtime_error(
            "the private database is one server and cannot be distributed: name a Citus cluster by --database-url");
    auto const names = store::distribute(settings.database.url);
    for (auto const& name : names)
        std::printf("distributed %s\n", name.c_str());
    if (names.empty()) std::printf("nothing to do: every table is distributed\n");
    return 0;
}

} // namespace parley
