#include "io_thread.hpp"

#include "answer_head.hpp"
#include "connection.hpp"

#include <boost/asio/co_spawn.hpp>

#include <algorithm>

namespace parley::http
{

namespace
{

// Often enough that no bound is overstepped by more than a quarter, and seldom enough to cost nothing.
std::chrono::milliseconds interval_for(TimeLimits const& limits)
{
    using std::chrono::milliseconds;
    auto const shortest = std::min({limits.head, limits.idle, limits.body, limits.write, limits.linger, limits.drain_idle});
    return std::clamp(shortest / 4, milliseconds(5), milliseconds(250));
}

} // namespace

IoThread::IoThread(boost::asio::io_context& context, ListenerSettings const& settings, Handler& handler,
                   telemetry::Telemetry& telemetry, std::shared_ptr<ConnectionCounts> counts)
    : context_(context), settings_(settings), handler_(handler), telemetry_(telemetry), counts_(std::move(counts)),
      timer_(context.get_executor()), interval_(interval_for(settings.time))
{
    read_clocks();
}

void IoThread::keep_ticking(std::shared_ptr<IoThread> const& thread)
{
    if (thread->is_ticking_) return;
    thread->is_ticking_ = true;
    auto ticking = tick_on(thread);
    boost::asio::co_spawn(thread->context_, std::move(ticking), AtEnd{thread});
}

boost::asio::awaitable<void> IoThread::tick_on(std::shared_ptr<IoThread> thread)
{
    while (!thread->is_closed_ || !thread->connections_.empty())
    {
        thread->tick();
        thread->timer_.expires_after(thread->interval_);
        co_await thread->timer_.async_wait(as_result);
    }
    thread->is_ticking_ = false;
}

void IoThread::tick() noexcept
{
    try
    {
        read_clocks();
    }
    catch (...)
    {
        report(std::current_exception()); // No memory for a new date: the old one is a second old.
    }
    // Checking cancels operations at most; no connection goes or comes meanwhile.
    for (auto* const connection : connections_)
        connection->check_time(now_);
}

void IoThread::read_clocks()
{
    now_ = SteadyClock::now();
    auto const second = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()).time_since_epoch().count();
    if (second == date_second_) return;
    date_second_ = second;
    date_ = date_line(second);
}

void IoThread::begin_drain()
{
    is_draining_ = true;
    now_ = SteadyClock::now();
    for (auto* const connection : connections_)
        connection->begin_drain();
}

std::size_t IoThread::enlist(Connection& connection)
{
    connections_.push_back(&connection);
    open_.store(connections_.size(), std::memory_order_relaxed);
    return connections_.size() - 1;
}

void IoThread::strike_out(std::size_t place) noexcept
{
    connections_[place] = connections_.back();
    connections_[place]->move_to_place(place);
    connections_.pop_back();
    open_.store(connections_.size(), std::memory_order_relaxed);
}

void IoThread::report(std::exception_ptr const& failure) const noexcept
try
{
    std::rethrow_exception(failure);
}
catch (std::exception const& thrown)
{
    telemetry_.observe(
        telemetry::Notice{telemetry::Notice::Level::error, std::string("a connection ended by an exception: ") + thrown.what()});
}
catch (...)
{
    telemetry_.observe(telemetry::Notice{telemetry::Notice::Level::error, "a connection ended by an exception of unknown type"});
}

} // namespace parley::http
