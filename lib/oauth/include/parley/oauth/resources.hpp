// The authorization server: OAuth 2.0 (RFC 6749 as RFC 9700 wants it) and OpenID Connect, with its login and consent pages.
#pragma once

#include "parley/core/clock.hpp"
#include "parley/oauth/credential_window.hpp"
#include "parley/oauth/oauth_store.hpp"
#include "parley/oauth/password_workers.hpp"
#include "parley/oauth/signing_keys.hpp"
#include "parley/routing/route_table.hpp"
#include "parley/telemetry/telemetry.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

namespace parley::oauth
{

struct OAuthSettings
{
    std::chrono::seconds code_lifetime{60};             // RFC 6749 recommends ten minutes at most; a browser needs a second.
    std::chrono::seconds access_token_lifetime{36'000}; // Also the ID token's.
    std::chrono::seconds refresh_token_lifetime{180LL * 24 * 3600}; // Of one that is not used; each use gives a new one.
    std::chrono::seconds session_idle_max{7LL * 24 * 3600};         // A sign-in that nobody used for so long is over.
    std::chrono::seconds session_age_max{14LL * 24 * 3600};         // A sign-in is over after so long in any case.
    std::chrono::seconds session_touch_interval{300}; // How exactly the idle time is known; shorter means more writes.
    // The answer to a failed login comes after this time, so that an unknown user, a wrong password and an old hash look alike.
    std::chrono::milliseconds failed_login_time{500};
    std::chrono::seconds secret_memory{300};     // How long a client secret that was right is remembered by its digest.
    std::chrono::seconds application_memory{10}; // How long an application's row is believed without a NOTIFY.
};

struct Collaborators
{
    OAuthStore& store;
    SigningKeys& keys;
    PasswordWorkers& workers;
    CredentialWindow& window;
    Clock const& clock;
    telemetry::Telemetry& telemetry;
    std::function<void()>
        forget_credentials; // Called after tokens were revoked, before the answer: this replica's cached look-ups must go.
};

// Thread-safe. Must outlive the resources' calls, and the collaborators it.
class AuthorizationServer
{
  public:
    AuthorizationServer(Collaborators collaborators, OAuthSettings settings);
    ~AuthorizationServer();

    // /o/..., /.well-known/..., /accounts/...: what a RouteTable takes.
    [[nodiscard]] std::vector<routing::Resource> resources();

    // Forget the applications and keys that were looked up. Called on NOTIFY and when the LISTEN connection is lost. Any thread.
    void forget() noexcept;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace parley::oauth
