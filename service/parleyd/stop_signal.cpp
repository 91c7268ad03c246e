#include "stop_signal.hpp"

#include <csignal>

#include <unistd.h>

namespace parley
{

StopSignal::StopSignal(boost::asio::io_context& context) : signals_(context, SIGTERM, SIGINT)
{
    std::signal(SIGPIPE, SIG_IGN);
    listen();
}

void StopSignal::listen()
{
    signals_.async_wait(
        [this](boost::system::error_code failure, int signal)
        {
            if (failure) return;
            {
                std::lock_guard const lock(mutex_);
                if (is_requested_)
                    ::_exit(128 + signal); // Somebody is in a hurry. The private PostgreSQL ends with us and recovers.
                is_requested_ = true;
            }
            changed_.notify_all();
            listen();
        });
}

void StopSignal::wait()
{
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return is_requested_; });
}

bool StopSignal::is_requested()
{
    std::lock_guard const lock(mutex_);
    return is_requested_;
}

} // namespace parley
