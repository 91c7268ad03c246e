#include "parley/http/listener.hpp"

#include "connection.hpp"
#include "io_thread.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>

#include <charconv>
#include <stdexcept>
#include <sys/socket.h>
#include <utility>

namespace parley::http
{

namespace
{

using boost::asio::awaitable;
using boost::asio::ip::tcp;
namespace error = boost::asio::error;

constexpr std::size_t refusals_max = 64; // On each thread; a client beyond them is cut off without a word.
constexpr auto pause_when_short = std::chrono::milliseconds(100);

// A counted connection. Left when it goes.
class Place
{
  public:
    Place(std::shared_ptr<ConnectionCounts> counts, boost::asio::ip::address const& peer)
        : counts_(std::move(counts)), peer_(peer)
    {
    }
    Place(Place&&) noexcept = default;
    Place& operator=(Place&&) = delete;
    ~Place()
    {
        if (counts_) counts_->leave(peer_);
    }

  private:
    std::shared_ptr<ConnectionCounts> counts_;
    boost::asio::ip::address peer_;
};

awaitable<void> serve(std::shared_ptr<IoThread> thread, Socket socket, boost::asio::ip::address peer, Place /*place*/)
{
    thread->observe_traffic(telemetry::ConnectionOpened{});
    struct Closing
    {
        IoThread& thread;
        ~Closing() { thread.observe_traffic(telemetry::ConnectionClosed{}); }
    } const closing{*thread};
    Connection connection(*thread, std::move(socket), peer);
    co_await connection.serve();
}

awaitable<void> turn_away(std::shared_ptr<IoThread> thread, Socket socket, boost::asio::ip::address peer)
{
    struct Counted
    {
        IoThread& thread;
        explicit Counted(IoThread& counting) : thread(counting) { ++thread.refusals; }
        ~Counted() { --thread.refusals; }
        Counted(Counted const&) = delete;
        Counted& operator=(Counted const&) = delete;
    } const counted(*thread);
    Connection connection(*thread, std::move(socket), peer);
    Problem const problem{ProblemCode::store_overloaded, "Too many connections. Try again in a moment."};
    co_await connection.turn_away(problem);
}

void take_connection(std::shared_ptr<IoThread> const& thread, Socket socket, boost::asio::ip::address peer) noexcept
try
{
    IoThread::keep_ticking(thread);
    // An IPv4 client at an IPv6 socket is an IPv4 client.
    if (peer.is_v6() && peer.to_v6().is_v4_mapped()) peer = make_address_v4(boost::asio::ip::v4_mapped, peer.to_v6());
    auto const entry = thread->counts()->enter(peer);
    if (entry == ConnectionCounts::Entry::admitted)
    {
        Place place(thread->counts(), peer);
        auto served = serve(thread, std::move(socket), peer, std::move(place));
        boost::asio::co_spawn(thread->context(), std::move(served), AtEnd{thread});
        return;
    }
    bool const by_address = entry == ConnectionCounts::Entry::address_limit;
    thread->observe_traffic(telemetry::ConnectionRefused{by_address ? "address_limit" : "process_limit"});
    if (thread->refusals >= refusals_max) return;
    auto refused = turn_away(thread, std::move(socket), peer);
    boost::asio::co_spawn(thread->context(), std::move(refused), AtEnd{thread});
}
catch (...)
{
    thread->report(std::current_exception());
}

// An acceptor and the threads it accepts for: its own, or all in turn.
struct AcceptPoint
{
    AcceptPoint(std::vector<std::shared_ptr<IoThread>> takers_, Acceptor acceptor_)
        : takers(std::move(takers_)), acceptor(std::move(acceptor_)), pause(acceptor.get_executor())
    {
    }

    std::vector<std::shared_ptr<IoThread>> takers; // The first one's thread runs the acceptor.
    Acceptor acceptor;
    Timer pause;
    std::size_t turn = 0;
    bool is_stopping = false;
    bool is_short = false; // The last accept failed; said once.
};

void hand_over(AcceptPoint const& point, std::shared_ptr<IoThread> const& taker, Socket socket, tcp::endpoint const& peer)
{
    auto const address = peer.address();
    if (taker == point.takers.front()) return take_connection(taker, std::move(socket), address);
    auto take = [taker, address, moved = std::move(socket)]() mutable { take_connection(taker, std::move(moved), address); };
    boost::asio::post(taker->context(), std::move(take));
}

// The connections that the kernel has completed for us would be reset by the close.
void accept_the_rest(AcceptPoint& point)
{
    while (true)
    {
        auto const& taker = point.takers[point.turn++ % point.takers.size()];
        boost::system::error_code failure;
        tcp::endpoint peer;
        Socket socket(taker->context().get_executor());
        point.acceptor.accept(socket, peer, failure);
        if (failure) return;
        hand_over(point, taker, std::move(socket), peer);
    }
}

awaitable<void> accept_connections(std::shared_ptr<AcceptPoint> point)
{
    auto& thread = *point->takers.front();
    while (!point->is_stopping)
    {
        auto const& taker = point->takers[point->turn++ % point->takers.size()];
        tcp::endpoint peer;
        auto [failure, socket] = co_await point->acceptor.async_accept(taker->context().get_executor(), peer, as_result);
        if (!failure)
        {
            point->is_short = false;
            hand_over(*point, taker, std::move(socket), peer);
        }
        else if (failure != error::operation_aborted && failure != error::connection_aborted)
        {
            // Out of file descriptors or memory, as a rule: the client stays in the kernel's queue, so trying again at once would
            // spin.
            if (!std::exchange(point->is_short, true))
            {
                thread.telemetry().observe(
                    telemetry::Notice{telemetry::Notice::Level::warning, "cannot accept: " + failure.message()});
            }
            point->pause.expires_after(pause_when_short);
            co_await point->pause.async_wait(as_result);
        }
    }
    accept_the_rest(*point);
    boost::system::error_code ignored;
    point->acceptor.close(ignored);
    for (auto const& taker : point->takers)
        boost::asio::post(taker->context(), [taker] { taker->close(); });
}

tcp::endpoint endpoint_from(std::string const& text)
{
    std::string_view const address = text;
    auto const colon = address.rfind(':');
    auto host = address.substr(0, colon);
    auto const port_text = colon == std::string_view::npos ? std::string_view{} : address.substr(colon + 1);
    std::uint16_t port = 0;
    auto const [end, outcome] = std::from_chars(port_text.data(), port_text.data() + port_text.size(), port);
    bool const has_port = !port_text.empty() && outcome == std::errc() && end == port_text.data() + port_text.size();
    bool const is_bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (is_bracketed) host = host.substr(1, host.size() - 2);
    boost::system::error_code failure;
    auto const ip = boost::asio::ip::make_address(host == "localhost" ? "127.0.0.1" : std::string(host), failure);
    if (!has_port || failure || is_bracketed != ip.is_v6())
    {
        throw std::runtime_error("cannot listen on \"" + text + "\": it should be like 127.0.0.1:8080 or [::1]:8080");
    }
    return {ip, port};
}

bool share_port(Acceptor& acceptor) noexcept
{
#ifdef SO_REUSEPORT
    int const on = 1;
    return ::setsockopt(acceptor.native_handle(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) == 0;
#else
    return false;
#endif
}

Acceptor open_acceptor(boost::asio::io_context& context, tcp::endpoint const& endpoint)
{
    Acceptor acceptor(context.get_executor());
    acceptor.open(endpoint.protocol());
    acceptor.set_option(Acceptor::reuse_address(true));
    if (endpoint.address().is_v6() && endpoint.address().is_unspecified()) acceptor.set_option(boost::asio::ip::v6_only(false));
    acceptor.set_option(tcp::no_delay(true)); // Accepted sockets inherit it.
    acceptor.non_blocking(true);
    return acceptor;
}

} // namespace

struct Listener::Impl
{
    ListenerSettings settings;
    std::vector<std::shared_ptr<IoThread>> threads;
    std::vector<std::shared_ptr<AcceptPoint>> points;
    std::string url;

    tcp::endpoint bind_first(tcp::endpoint const& endpoint);
    void bind_others(tcp::endpoint const& endpoint);
};

// Bound without SO_REUSEPORT first: that fails when anybody else has the address, which SO_REUSEPORT would hide.
tcp::endpoint Listener::Impl::bind_first(tcp::endpoint const& endpoint)
{
    auto acceptor = open_acceptor(threads.front()->context(), endpoint);
    acceptor.bind(endpoint);
    auto const bound = acceptor.local_endpoint();
    auto takers = threads;
    if (threads.size() > 1)
    {
        acceptor.close();
        acceptor = open_acceptor(threads.front()->context(), bound);
        if (settings.spread == Spread::by_kernel && share_port(acceptor)) takers.resize(1);
        acceptor.bind(bound);
    }
    acceptor.listen(settings.backlog);
    points.push_back(std::make_shared<AcceptPoint>(std::move(takers), std::move(acceptor)));
    return bound;
}

void Listener::Impl::bind_others(tcp::endpoint const& endpoint)
{
    for (auto thread = threads.begin() + 1; thread != threads.end(); ++thread)
    {
        auto acceptor = open_acceptor((*thread)->context(), endpoint);
        if (!share_port(acceptor)) throw boost::system::system_error(error::operation_not_supported);
        acceptor.bind(endpoint);
        acceptor.listen(settings.backlog);
        points.push_back(std::make_shared<AcceptPoint>(std::vector{*thread}, std::move(acceptor)));
    }
}

Listener::Listener(std::vector<std::reference_wrapper<boost::asio::io_context>> const& threads, ListenerSettings const& settings,
                   Handler& handler, telemetry::Telemetry& telemetry, std::shared_ptr<ConnectionCounts> counts)
    : impl_(std::make_unique<Impl>())
{
    impl_->settings = settings;
    for (auto const context : threads)
        impl_->threads.push_back(std::make_shared<IoThread>(context, settings, handler, telemetry, counts));
}

Listener::~Listener() = default;

std::uint16_t Listener::bind()
{
    auto const wanted = endpoint_from(impl_->settings.address);
    try
    {
        auto const bound = impl_->bind_first(wanted);
        if (impl_->points.front()->takers.size() < impl_->threads.size()) impl_->bind_others(bound);
        auto const host = bound.address().to_string();
        impl_->url = "http://" + (bound.address().is_v6() ? "[" + host + "]" : host) + ":" + std::to_string(bound.port());
        return bound.port();
    }
    catch (boost::system::system_error const& failure)
    {
        throw std::runtime_error("cannot listen on " + impl_->settings.address + ": " + failure.code().message());
    }
}

void Listener::start()
{
    for (auto const& thread : impl_->threads)
    {
        boost::asio::post(thread->context(), [thread] { IoThread::keep_ticking(thread); });
    }
    for (auto const& point : impl_->points)
    {
        auto& context = point->takers.front()->context();
        auto accepting = accept_connections(point);
        boost::asio::co_spawn(context, std::move(accepting), AtEnd{point->takers.front()});
    }
}

void Listener::stop_accepting()
{
    for (auto const& point : impl_->points)
    {
        auto stop = [point]
        {
            point->is_stopping = true;
            boost::system::error_code ignored;
            point->acceptor.cancel(ignored);
            point->pause.cancel();
        };
        boost::asio::post(point->takers.front()->context(), std::move(stop));
    }
}

void Listener::begin_drain()
{
    for (auto const& thread : impl_->threads)
    {
        boost::asio::post(thread->context(), [thread] { thread->begin_drain(); });
    }
}

std::size_t Listener::open_connections() const noexcept
{
    std::size_t sum = 0;
    for (auto const& thread : impl_->threads)
        sum += thread->open_connections();
    return sum;
}

std::string const& Listener::url() const noexcept
{
    return impl_->url;
}

} // namespace parley::http
