// Threads that each turn one io_context.
#pragma once

#include "parley/telemetry/telemetry.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace parley
{

// Made stopped; what lives on the io_contexts may be set up before start. The io_contexts die with this object and destroy what
// still waits on them: everything that such a coroutine refers to must outlive it.
class IoThreads
{
  public:
    // name: as tools show the threads, at most 13 characters; a number follows where there are several.
    IoThreads(std::string name, std::size_t count, telemetry::Telemetry& telemetry);
    ~IoThreads(); // stop()
    IoThreads(IoThreads const&) = delete;
    IoThreads& operator=(IoThreads const&) = delete;

    void start();

    // Ends the loops, whatever still waits on them, and joins. Idempotent.
    void stop() noexcept;

    [[nodiscard]] boost::asio::io_context& context(std::size_t index = 0) noexcept { return *contexts_[index]; }
    [[nodiscard]] std::vector<std::reference_wrapper<boost::asio::io_context>> contexts();

  private:
    void turn(std::size_t index) noexcept;

    std::string name_;
    telemetry::Telemetry& telemetry_;
    std::vector<std::unique_ptr<boost::asio::io_context>> contexts_;
    std::vector<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> work_;
    std::vector<std::thread> threads_;
};

} // namespace parley
