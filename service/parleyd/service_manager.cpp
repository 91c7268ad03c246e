#include "service_manager.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdlib>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace parley
{

namespace
{

std::string take_variable(char const* name)
{
    auto const* value = std::getenv(name); // NOLINT(concurrency-mt-unsafe): before threads.
    std::string text = value == nullptr ? "" : value;
    ::unsetenv(name); // NOLINT(concurrency-mt-unsafe)
    return text;
}

std::optional<long long> to_number(std::string const& text)
{
    long long number = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number <= 0) return std::nullopt;
    return number;
}

} // namespace

ServiceManager::ServiceManager() : socket_path_(take_variable("NOTIFY_SOCKET"))
{
    auto const limit = to_number(take_variable("WATCHDOG_USEC"));
    auto const watched = take_variable("WATCHDOG_PID"); // Whom the variables are for, where they were inherited.
    if (socket_path_.empty() || !limit || (!watched.empty() && to_number(watched) != ::getpid())) return;
    watchdog_interval_ = std::chrono::microseconds(std::max(*limit / 2, 1LL));
}

void ServiceManager::tell(std::string_view state) const noexcept
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (socket_path_.empty() || socket_path_.size() >= sizeof(address.sun_path)) return;
    std::copy(socket_path_.begin(), socket_path_.end(), std::begin(address.sun_path));
    if (socket_path_.front() == '@') address.sun_path[0] = '\0';
    auto const size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_path_.size());

    int const socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (socket < 0) return;
    (void)::sendto(socket, state.data(), state.size(), MSG_NOSIGNAL, reinterpret_cast<sockaddr const*>(&address), size);
    ::close(socket);
}

boost::asio::awaitable<void> keep_watchdog(ServiceManager const& manager, std::chrono::microseconds interval,
                                           std::function<bool()> is_alive)
{
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
    for (;;)
    {
        if (is_alive()) manager.tell("WATCHDOG=1");
        timer.expires_after(interval);
        co_await timer.async_wait(boost::asio::use_awaitable);
    }
}

} // namespace parley
