// SIGTERM and SIGINT: the first asks to stop, the second ends the process at once.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace parley
{

// Listens on an io_context whose thread does nothing that blocks. Also ignores SIGPIPE: a peer that has gone is an error code.
class StopSignal
{
  public:
    explicit StopSignal(boost::asio::io_context& context);
    ~StopSignal() = default;
    StopSignal(StopSignal const&) = delete;
    StopSignal& operator=(StopSignal const&) = delete;

    void wait();
    [[nodiscard]] bool is_requested();

  private:
    void listen();

    boost::asio::signal_set signals_;
    std::mutex mutex_; // Guards is_requested_.
    std::condition_variable changed_;
    bool is_requested_ = false;
};

} // namespace parley
