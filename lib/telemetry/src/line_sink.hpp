// Writes lines to a file descriptor, many at once while the queue is busy.
#pragma once

#include <spdlog/details/null_mutex.h>
#include <spdlog/sinks/base_sink.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

namespace parley::telemetry
{

// Only the log's own thread writes through it, hence no mutex. When nothing waits behind a line the thread pauses for a moment
// before it writes: under load it then wakes a few hundred times a second instead of once for every request, and lines share a
// system call.
class LineSink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex>
{
  public:
    // An empty path means standard error. Throws std::runtime_error when the file cannot be opened for appending.
    LineSink(std::string const& path, std::function<bool()> queue_is_empty);
    ~LineSink() override;
    LineSink(LineSink const&) = delete;
    LineSink& operator=(LineSink const&) = delete;

    // Lines handed to the system. Any thread.
    [[nodiscard]] std::uint64_t lines_written() const noexcept { return lines_written_.load(std::memory_order_acquire); }

  protected:
    void sink_it_(spdlog::details::log_msg const& message) override;
    void flush_() override;

  private:
    std::function<bool()> queue_is_empty_;
    std::string pending_; // At most pending_bytes_max and one line.
    std::uint64_t lines_pending_ = 0;
    std::atomic<std::uint64_t> lines_written_{0};
    int fd_;
    bool owns_fd_;
};

} // namespace parley::telemetry
