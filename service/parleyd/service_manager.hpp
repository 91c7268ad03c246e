// What systemd wants to know of a service of Type=notify: when it is ready, that it stops, that it is alive. The protocol is a
// few lines of text in a datagram to the socket that NOTIFY_SOCKET names (sd_notify(3)); without that variable nothing is said.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace parley
{

class ServiceManager
{
  public:
    // Takes NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID out of the environment: what we start, such as the private PostgreSQL,
    // speaks systemd's language too and is not to speak for us. Before threads.
    ServiceManager();

    // One "NAME=value", or several lines of them. Never waits and never fails: a service manager that does not listen is no
    // reason to stop.
    void tell(std::string_view state) const noexcept;

    // How often WATCHDOG=1 is due: half the time after which the manager would kill us. Nothing where nobody watches.
    [[nodiscard]] std::optional<std::chrono::microseconds> watchdog_interval() const noexcept { return watchdog_interval_; }

  private:
    std::string socket_path_; // "@" begins the name of an abstract socket; empty: nobody listens.
    std::optional<std::chrono::microseconds> watchdog_interval_;
};

// Tells the manager that we are alive for as long as that is so, and stays silent otherwise, so that it kills and restarts us.
boost::asio::awaitable<void> keep_watchdog(ServiceManager const& manager, std::chrono::microseconds interval,
                                           std::function<bool()> is_alive);

} // namespace parley
