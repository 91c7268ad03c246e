// The store: sessions, credentials and rate counts on PostgreSQL, through a few lanes that run many callers' requests in one
// statement.
#pragma once

#include "parley/auth/credential_store.hpp"
#include "parley/chat/chat_store.hpp"
#include "parley/core/clock.hpp"
#include "parley/domain/session_store.hpp"
#include "parley/oauth/oauth_store.hpp"
#include "parley/rate_limit/limiter.hpp"
#include "parley/telemetry/telemetry.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace parley::store
{

struct StoreSettings
{
    std::string
        database_url; // As libpq takes it; several hosts for failover. target_session_attrs=read-write unless it says otherwise.
    int lanes = 2;    // About the cores of the database. More do not help: a lane that waits gathers a larger batch.
    std::size_t queue_jobs_max = 4096;            // Waiting, for each verb; beyond it callers get 503 at once.
    std::chrono::milliseconds queue_wait_max{90}; // Nor are jobs taken in that would wait longer, as far as can be told; 0: none.
    std::size_t batch_jobs_max = 64;              // In one statement. More saves little and makes the first wait for the last.
    std::uint32_t batch_rows_max = 4096;          // In one statement, about: bounds its memory.
    std::chrono::milliseconds longest_deadline{
        30'000};                             // The statement timeout of every connection. No caller's deadline may be longer.
    std::chrono::seconds connect_timeout{3}; // For each host of the URL.
};

// Born with its threads: the lanes, the watch (deadlines), and the listener (LISTEN parley_changed). The constructor does not
// wait for the database; until the first connection is made or refused, jobs wait in their queues.
//
// Everything is thread-safe unless it says otherwise. What it is given must outlive it.
class Store
{
  public:
    Store(StoreSettings settings, Clock const& clock, telemetry::Telemetry& telemetry);
    ~Store(); // stop(0 s)
    Store(Store const&) = delete;
    Store& operator=(Store const&) = delete;

    [[nodiscard]] domain::SessionStore& sessions() noexcept;
    [[nodiscard]] auth::CredentialStore& credentials() noexcept;
    [[nodiscard]] oauth::OAuthStore& oauth() noexcept;
    [[nodiscard]] chat::ChatStore& chat() noexcept;

    // On a connection of its own, blocking: for the background thread only. After stop() every exchange fails at once.
    [[nodiscard]] rate_limit::CountStore& counts() noexcept;

    // Calls on every change that an administrator made, in whichever process: what is "credential", "experiment", "team" or the
    // like. Also with "lost" when the LISTEN connection is lost and with "listening" when there is one (again), since changes in
    // between went unheard. Called on the listener's thread; must be quick and not throw. Register before the first request.
    void on_change(std::function<void(std::string_view what)> call);

    // Whether a lane has a connection.
    [[nodiscard]] bool is_up() const noexcept;

    // Waits until is_up, at most this long.
    [[nodiscard]] bool wait_until_up(std::chrono::milliseconds timeout) const;

    // Why traffic should not come, in a sentence; nothing when it may: the database is reachable, it answers (a server that hangs
    // is noticed within five seconds), its schema is as new as this binary. Returns at once.
    [[nodiscard]] std::optional<std::string> why_not_ready() const;

    // Whether what is asked for now would wait too long (StoreSettings::queue_wait_max) and be refused. Costs nothing: to be
    // asked before work is done for a request that has no prospect.
    [[nodiscard]] bool is_overloaded() const noexcept;

    // Refuses new jobs (draining), finishes those it has within the time, then answers the rest and joins its threads. A server
    // that hangs is not waited for: beyond the time it takes an attempt to connect (connect_timeout) at most. Idempotent. The I/O
    // threads must still run, or their io_contexts at least exist: answers are posted there.
    void stop(std::chrono::milliseconds within);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace parley::store
