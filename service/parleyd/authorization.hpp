// The authorization server with all it needs around it.
#pragma once

#include "parley/auth/authenticator.hpp"
#include "parley/config/settings.hpp"
#include "parley/oauth/credential_window.hpp"
#include "parley/oauth/oauth_store.hpp"
#include "parley/oauth/password_workers.hpp"
#include "parley/oauth/resources.hpp"
#include "parley/oauth/signing_keys.hpp"
#include "parley/rate_limit/limiter.hpp"
#include "parley/telemetry/telemetry.hpp"

#include <boost/asio/awaitable.hpp>

#include <vector>

namespace parley
{

// The rate limiter as the authorization server counts guesses in it.
class LimiterWindow final : public oauth::CredentialWindow
{
  public:
    explicit LimiterWindow(rate_limit::Limiter& limiter) : limiter_(limiter) {}

    [[nodiscard]] oauth::WindowStanding look_at_address(boost::asio::ip::address const& client) override;
    [[nodiscard]] oauth::WindowStanding look_at_account(std::string_view account) override;
    void count_address(boost::asio::ip::address const& client) override;
    void count_account(std::string_view account) override;

  private:
    rate_limit::Limiter& limiter_;
};

// Thread-safe. Outlives the I/O threads, whose requests use it; all that it is given outlives it.
class Authorization
{
  public:
    Authorization(oauth::OAuthStore& store, auth::Authenticator& authenticator, rate_limit::Limiter& limiter, Clock const& clock,
                  telemetry::Telemetry& telemetry, config::AuthorizationSettings const& settings);

    [[nodiscard]] std::vector<routing::Resource> resources() { return server_.resources(); }

    // What was looked up must be looked up again. Any thread.
    void forget() noexcept { server_.forget(); }

    // Takes away what expired, a small batch at a time, for ever. For the background thread.
    boost::asio::awaitable<void> keep_removing_expired();

  private:
    boost::asio::awaitable<void> remove_expired();

    oauth::OAuthStore& store_;
    Clock const& clock_;
    oauth::OAuthSettings const settings_;
    LimiterWindow window_;
    oauth::PasswordWorkers workers_;
    oauth::SigningKeys keys_;
    oauth::AuthorizationServer server_;
};

} // namespace parley
