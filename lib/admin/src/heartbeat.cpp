#include "parley/admin/heartbeat.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>

namespace parley::admin
{

// Kept alive by the timer's wait. The timer is touched on its thread only.
struct Heartbeat::Pulse : std::enable_shared_from_this<Pulse>
{
    Pulse(boost::asio::io_context& context_, HeartbeatSettings const& settings_)
        : settings(settings_), timer(context_), context(context_)
    {
    }

    void beat()
    {
        if (is_stopped) return;
        last.store(clock::now(), std::memory_order_relaxed);
        timer.expires_after(settings.interval);
        auto again = [self = shared_from_this()](boost::system::error_code failure)
        {
            if (!failure) self->beat();
        };
        timer.async_wait(std::move(again));
    }

    HeartbeatSettings settings;
    std::atomic<clock::time_point> last = clock::now();
    boost::asio::steady_timer timer;
    boost::asio::io_context& context;
    bool is_stopped = false; // Owned by the io_context's thread.
};

Heartbeat::Heartbeat(boost::asio::io_context& context, HeartbeatSettings const& settings)
    : pulse_(std::make_shared<Pulse>(context, settings))
{
}

Heartbeat::~Heartbeat() = default;
Heartbeat::Heartbeat(Heartbeat&&) noexcept = default;
Heartbeat& Heartbeat::operator=(Heartbeat&&) noexcept = default;

void Heartbeat::start()
{
    boost::asio::post(pulse_->context, [pulse = pulse_] { pulse->beat(); });
}

void Heartbeat::stop()
{
    auto end = [pulse = pulse_]
    {
        pulse->is_stopped = true;
        pulse->timer.cancel();
    };
    boost::asio::post(pulse_->context, std::move(end));
}

bool Heartbeat::is_beating(clock::time_point now) const noexcept
{
    return now - pulse_->last.load(std::memory_order_relaxed) <= pulse_->settings.silence_max;
}

} // namespace parley::admin
