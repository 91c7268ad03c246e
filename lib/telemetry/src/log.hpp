// The log: one JSON object a line, written by a thread of its own.
#pragma once

#include "parley/telemetry/telemetry.hpp"

#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>

namespace parley::telemetry
{

class LineSink;

// Thread-safe. Writing never waits: when the queue is full, the oldest lines are overwritten.
class Log
{
  public:
    // Throws std::runtime_error when the file cannot be opened or the level is unknown.
    explicit Log(TelemetrySettings const& settings);
    ~Log();

    void write(RequestAnswered const& fact);
    void write(ConnectionRefused const& fact);
    void write(RequestRefusedAtGate const& fact);
    void write(RateDecided const& fact);
    void write(RateSharingFailed const& fact);
    void write(JobRefused const& fact);
    void write(DatabaseUp const& fact);
    void write(DatabaseDown const& fact);
    void write(LaneEnded const& fact);
    void write(Notice const& fact);

    bool set_level(std::string_view word) noexcept;
    [[nodiscard]] std::string_view level() const noexcept;
    void flush() noexcept;
    [[nodiscard]] double lines_dropped() const;

  private:
    void put(spdlog::level::level_enum level, std::string_view line);

    std::shared_ptr<spdlog::details::thread_pool> pool_;
    std::shared_ptr<LineSink> sink_;
    std::shared_ptr<spdlog::async_logger> logger_;
    std::atomic<std::uint64_t> lines_put_{0};
};

} // namespace parley::telemetry
