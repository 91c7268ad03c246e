#include "line_sink.hpp"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace parley::telemetry
{

namespace
{

constexpr std::size_t pending_bytes_max = 64UL * 1024;
constexpr std::chrono::milliseconds gathering{2};

int open_for_appending(std::string const& path)
{
    int const fd = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
    if (fd < 0) throw std::runtime_error("cannot open the log file " + path + ": " + std::strerror(errno));
    return fd;
}

} // namespace

LineSink::LineSink(std::string const& path, std::function<bool()> queue_is_empty)
    : queue_is_empty_(std::move(queue_is_empty)), fd_(path.empty() ? STDERR_FILENO : open_for_appending(path)),
      owns_fd_(!path.empty())
{
}

LineSink::~LineSink()
{
    LineSink::flush_();
    if (owns_fd_) ::close(fd_);
}

void LineSink::sink_it_(spdlog::details::log_msg const& message)
{
    pending_.append(message.payload.data(), message.payload.size());
    pending_.push_back('\n');
    ++lines_pending_;
    if (pending_.size() >= pending_bytes_max) return flush_();
    if (!queue_is_empty_()) return;
    std::this_thread::sleep_for(gathering);
    if (queue_is_empty_()) flush_();
}

void LineSink::flush_()
{
    std::string_view rest = pending_;
    while (!rest.empty())
    {
        auto const written = ::write(fd_, rest.data(), rest.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) break; // A log that cannot be written is lost; the service goes on.
        rest.remove_prefix(static_cast<std::size_t>(written));
    }
    pending_.clear();
    lines_written_.fetch_add(std::exchange(lines_pending_, 0), std::memory_order_release);
}

} // namespace parley::telemetry
