#include "authorization.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>

namespace parley
{

namespace
{

namespace asio = boost::asio;

// What expired opens nothing, so it may lie about for a while.
constexpr std::chrono::seconds removal_interval{60};
constexpr std::chrono::milliseconds removal_deadline{5'000};
constexpr std::chrono::milliseconds pause_between_batches{50}; // Requests go first.

oauth::WindowStanding to_window(rate_limit::Standing const& standing)
{
    return {.is_refused = standing.is_refused, .reset_seconds = standing.reset};
}

asio::awaitable<void> pause(std::chrono::milliseconds duration)
{
    asio::steady_timer timer(co_await asio::this_coro::executor, duration);
    co_await timer.async_wait(asio::use_awaitable);
}

} // namespace

oauth::WindowStanding LimiterWindow::look_at_address(asio::ip::address const& client)
{
    return to_window(limiter_.standing_of_credentials(client));
}

oauth::WindowStanding LimiterWindow::look_at_account(std::string_view account)
{
    return to_window(limiter_.standing_of_account(account));
}

void LimiterWindow::count_address(asio::ip::address const& client)
{
    (void)limiter_.count_credentials(client);
}

void LimiterWindow::count_account(std::string_view account)
{
    (void)limiter_.count_account(account);
}

Authorization::Authorization(oauth::OAuthStore& store, auth::Authenticator& authenticator, rate_limit::Limiter& limiter,
                             Clock const& clock, telemetry::Telemetry& telemetry, config::AuthorizationSettings const& settings)
    : store_(store), clock_(clock), settings_(settings.server), window_(limiter), workers_(settings.password_workers),
      keys_(store, workers_, clock, settings.signing_keys),
      server_({.store = store,
               .keys = keys_,
               .workers = workers_,
               .window = window_,
               .clock = clock,
               .telemetry = telemetry,
               .forget_credentials = [&authenticator] { authenticator.forget(); }},
              settings.server)
{
}

asio::awaitable<void> Authorization::remove_expired()
{
    for (;;)
    {
        auto const now = clock_.now();
        oauth::Expiry const expiry{.now = now,
                                   .refresh_tokens_before = now - settings_.refresh_token_lifetime,
                                   .sessions_unused_since = now - settings_.session_idle_max,
                                   .sessions_before = now - settings_.session_age_max};
        auto const removed = co_await store_.remove_expired(expiry, Deadline::after(removal_deadline));
        // A database that is away is in the log already; the rows can wait.
        if (!removed || *removed == 0) co_return;
        co_await pause(pause_between_batches);
    }
}

asio::awaitable<void> Authorization::keep_removing_expired()
{
    for (;;)
    {
        co_await pause(removal_interval);
        co_await remove_expired();
    }
}

} // namespace parley
