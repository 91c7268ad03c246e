// Rate counts shared between replicas, on a connection of their own.
#pragma once

#include "connection_pqxx.hpp"
#include "parley/rate_limit/limiter.hpp"
#include "socket_guard.hpp"
#include "statements.hpp"

#include <chrono>
#include <optional>

namespace parley::store
{

// One thread only, but for socket() and stop().
class PgCountStore final : public rate_limit::CountStore
{
  public:
    PgCountStore(ConnectionSettings settings, Clock const& clock);

    Result<std::vector<rate_limit::CountDelta>> exchange(std::vector<rate_limit::CountDelta> const& deltas) override;

    [[nodiscard]] SocketGuard& socket() noexcept { return socket_; }

    // From now on every exchange fails, also one that waits for the server. Any thread.
    void stop() noexcept { socket_.shut_down_for_good(); }

  private:
    [[nodiscard]] bool ensure_connected();
    void forget_old_windows();

    ConnectionSettings settings_;
    Clock const& clock_;
    std::optional<Connection> connection_;
    std::optional<Statements> statements_;
    std::chrono::steady_clock::time_point next_attempt_{};
    std::chrono::steady_clock::time_point next_forget_{};
    SocketGuard socket_;
};

} // namespace parley::store
