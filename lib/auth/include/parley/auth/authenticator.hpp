// identify: from what a request shows to who it is.
#pragma once

#include "parley/auth/credential_store.hpp"
#include "parley/auth/principal.hpp"
#include "parley/core/clock.hpp"
#include "parley/telemetry/telemetry.hpp"

#include <boost/asio/awaitable.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>

namespace parley::auth
{

struct AuthenticatorSettings
{
    std::chrono::milliseconds cache_lifetime{10'000}; // How long a look-up is believed without a NOTIFY; 0 turns the cache off.
    std::size_t cache_entries_max = 10'000;           // Per I/O thread, found and not found together; the oldest go first.
};

// A refusal, and what the answer and the limiter need to know of it.
struct Refusal
{
    Problem problem;         // credentials_missing, credential_invalid, token_expired, user_inactive, membership_missing,
                             // permission_denied (a token of an inactive user), or a Problem of the store.
    bool is_counted = false; // Counts against the window "credentials" of the client's address.
    std::string_view www_authenticate; // The field's value; empty: none (403 and problems of the store). A literal.
};

// Thread-safe: each thread that calls keeps a cache of its own.
class Authenticator
{
  public:
    Authenticator(CredentialStore& store, Clock const& clock, telemetry::Telemetry& telemetry, AuthenticatorSettings settings);
    ~Authenticator();

    // Schemes in order: OAuth bearer token, X-api-key, API key as bearer (API behaviour, 2).
    boost::asio::awaitable<boost::system::result<std::shared_ptr<Principal const>, Refusal>>
    identify(http::Request const& request, Deadline deadline);

    // Forget every cached look-up, on all threads, at once. Called on NOTIFY and when the LISTEN connection is lost. Any thread.
    void forget() noexcept;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

[[noreturn]] void throw_exception_from_error(Refusal const& refusal, boost::source_location const& where);

} // namespace parley::auth
