// Whether a thread still turns its loop.
#pragma once

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <memory>

namespace parley::admin
{

struct HeartbeatSettings
{
    std::chrono::milliseconds interval{500}; // Between beats; each costs the thread a timer.
    std::chrono::milliseconds silence_max{
        10'000}; // Without a beat for longer, the thread is taken for stuck. Too short, and a loaded machine is restarted.
};

// A timer on an io_context leaves a mark each time it fires. A handler that blocks, or a thread that has ended, leaves none.
class Heartbeat
{
  public:
    using clock = std::chrono::steady_clock;

    explicit Heartbeat(boost::asio::io_context& context, HeartbeatSettings const& settings = {});
    ~Heartbeat(); // The timer ends by itself when it next fires; the io_context may go first or later.
    Heartbeat(Heartbeat&&) noexcept;
    Heartbeat& operator=(Heartbeat&&) noexcept;

    // Begins to beat. Any thread, once.
    void start();

    // Ends, so that the io_context can run out of work. Any thread.
    void stop();

    // Whether the last beat, or the construction, is recent enough. Any thread.
    [[nodiscard]] bool is_beating(clock::time_point now = clock::now()) const noexcept;

  private:
    struct Pulse;
    std::shared_ptr<Pulse> pulse_;
};

} // namespace parley::admin
