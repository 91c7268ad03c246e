#include "line_sink.hpp"

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace parley::telemetry
{

namespace
{

constexpr std::size_t pending_bytes_max = 64UL * 1024;

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
    if (pending_.size() >= pending_bytes_max || queue_is_empty_()) flush_();
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
}

} // namespace parley::telemetry
