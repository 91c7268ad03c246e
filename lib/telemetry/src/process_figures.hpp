// What the kernel says of this process, in the names that Prometheus clients agreed on (process_*).
#pragma once

#include <prometheus/collectable.h>

#include <cstdint>
#include <string_view>
#include <vector>

namespace parley::telemetry
{

struct ProcessFigures
{
    std::uint64_t resident_bytes = 0;
    double cpu_seconds = 0;
    double start_time_seconds = 0; // Since the epoch.
    std::uint64_t open_fds = 0;
    std::uint64_t max_fds = 0; // Of which it may have so many.
    double clock_seconds = 0;  // What the machine's clock says, since the epoch.
    std::uint64_t threads = 0;
};

// Reads /proc/self. Figures that cannot be read stay 0.
[[nodiscard]] ProcessFigures read_process_figures();

// The clock ticks of fields 14 (utime), 15 (stime), 20 (threads) and 22 (start time) of a line of /proc/<pid>/stat, whose second
// field may hold spaces and parentheses.
struct StatLine
{
    std::uint64_t user_ticks = 0;
    std::uint64_t system_ticks = 0;
    std::uint64_t threads = 0;
    std::uint64_t start_ticks = 0;
};
[[nodiscard]] StatLine parse_stat_line(std::string_view line);

// Reads the figures anew at every scrape.
class ProcessCollector final : public prometheus::Collectable
{
  public:
    [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override;
};

} // namespace parley::telemetry
