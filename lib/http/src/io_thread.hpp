// What the connections of one I/O thread share.
#pragma once

#include "parley/http/connection_counts.hpp"
#include "parley/http/message.hpp"
#include "parley/http/settings.hpp"
#include "parley/telemetry/telemetry.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <exception>
#include <memory>
#include <string>
#include <vector>

namespace parley::http
{

// The io_context's own executor instead of any_io_executor: no indirect call for each operation.
using Executor = boost::asio::io_context::executor_type;
using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>;
using Acceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, Executor>;
using SteadyClock = std::chrono::steady_clock;
using Timer = boost::asio::basic_waitable_timer<SteadyClock, boost::asio::wait_traits<SteadyClock>, Executor>;

// At sockets an error is an outcome, not an exception.
inline constexpr auto as_result = boost::asio::as_tuple(boost::asio::use_awaitable);

class Connection;

// Owned by its thread: everything but open_connections is touched there only. Kept alive by its connections.
//
// One timer serves all connections: it ticks a few times a second, reads the clocks and has every connection look at its
// deadline. A request costs no timer and no clock of its own.
class IoThread
{
  public:
    IoThread(boost::asio::io_context& context, ListenerSettings const& settings, Handler& handler,
             telemetry::Telemetry& telemetry, std::shared_ptr<ConnectionCounts> counts);

    // Ticks until close(), and then as long as a connection is open.
    static void keep_ticking(std::shared_ptr<IoThread> const& thread);

    void begin_drain();
    void close() noexcept { is_closed_ = true; }

    [[nodiscard]] std::size_t enlist(Connection& connection); // Its place in the list.
    void strike_out(std::size_t place) noexcept;

    // A fact about the traffic of clients: told where this listener serves them.
    template <class Fact>
    void observe_traffic(Fact const& fact) const noexcept
    {
        if (settings_.traffic == Traffic::clients) telemetry_.observe(fact);
    }

    // An exception that reached the end of a coroutine: our mistake, or no memory.
    void report(std::exception_ptr const& failure) const noexcept;

    [[nodiscard]] boost::asio::io_context& context() const noexcept { return context_; }
    [[nodiscard]] ListenerSettings const& settings() const noexcept { return settings_; }
    [[nodiscard]] Handler& handler() const noexcept { return handler_; }
    [[nodiscard]] telemetry::Telemetry& telemetry() const noexcept { return telemetry_; }
    [[nodiscard]] std::shared_ptr<ConnectionCounts> const& counts() const noexcept { return counts_; }
    [[nodiscard]] SteadyClock::time_point now() const noexcept { return now_; } // As of the last tick.
    [[nodiscard]] std::string const& date() const noexcept { return date_; }    // As of the last tick.
    [[nodiscard]] bool is_draining() const noexcept { return is_draining_; }
    [[nodiscard]] std::size_t open_connections() const noexcept { return open_.load(std::memory_order_relaxed); } // Any thread.

    std::size_t refusals = 0; // Connections beyond the limits that are being told so.

  private:
    static boost::asio::awaitable<void> tick_on(std::shared_ptr<IoThread> thread);
    void tick() noexcept;
    void read_clocks();

    boost::asio::io_context& context_;
    ListenerSettings settings_;
    Handler& handler_;
    telemetry::Telemetry& telemetry_;
    std::shared_ptr<ConnectionCounts> counts_;
    Timer timer_;
    std::chrono::milliseconds interval_;
    std::vector<Connection*> connections_;
    std::atomic<std::size_t> open_ = 0;
    SteadyClock::time_point now_;
    std::int64_t date_second_ = -1;
    std::string date_;
    bool is_ticking_ = false;
    bool is_draining_ = false;
    bool is_closed_ = false;
};

// What sees a coroutine's end: nothing thrown may leave a thread.
struct AtEnd
{
    std::shared_ptr<IoThread> thread;
    void operator()(std::exception_ptr const& failure) const noexcept
    {
        if (failure) thread->report(failure);
    }
};

} // namespace parley::http
