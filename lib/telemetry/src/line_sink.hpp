// Writes lines to a file descriptor, many at once while the queue is busy.
#pragma once

#include <spdlog/details/null_mutex.h>
#include <spdlog/sinks/base_sink.h>

#include <functional>
#include <string>

namespace parley::telemetry
{

// Only the log's own thread writes through it, hence no mutex. A line is written at once when nothing waits behind it; a busy
// queue shares a system call among its lines.
class LineSink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex>
{
  public:
    // An empty path means standard error. Throws std::runtime_error when the file cannot be opened for appending.
    LineSink(std::string const& path, std::function<bool()> queue_is_empty);
    ~LineSink() override;
    LineSink(LineSink const&) = delete;
    LineSink& operator=(LineSink const&) = delete;

  protected:
    void sink_it_(spdlog::details::log_msg const& message) override;
    void flush_() override;

  private:
    std::function<bool()> queue_is_empty_;
    std::string pending_; // At most pending_bytes_max and one line.
    int fd_;
    bool owns_fd_;
};

} // namespace parley::telemetry
