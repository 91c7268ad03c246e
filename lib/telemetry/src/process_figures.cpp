#include "process_figures.hpp"

#include <prometheus/metric_family.h>

#include <charconv>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <utility>

#include <sys/resource.h>
#include <unistd.h>

namespace parley::telemetry
{

namespace
{

std::string read_line(char const* path)
{
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    return line;
}

// The n-th field of a line separated by single spaces, from 0.
std::uint64_t number_field(std::string_view line, std::size_t n)
{
    for (; n > 0; --n)
    {
        auto const space = line.find(' ');
        if (space == std::string_view::npos) return 0;
        line.remove_prefix(space + 1);
    }
    std::uint64_t value = 0;
    std::from_chars(line.data(), line.data() + line.size(), value);
    return value;
}

// When the machine started, in seconds since the epoch: "btime" of /proc/stat.
double boot_time_seconds()
{
    std::ifstream file("/proc/stat");
    for (std::string line; std::getline(file, line);)
        if (line.starts_with("btime ")) return static_cast<double>(number_field(line, 1));
    return 0;
}

std::uint64_t count_open_fds()
{
    std::uint64_t count = 0;
    std::error_code error;
    for (std::filesystem::directory_iterator entry("/proc/self/fd", error), end; !error && entry != end; entry.increment(error))
        ++count;
    return count;
}

std::uint64_t max_open_fds()
{
    rlimit limit{};
    return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : 0;
}

double clock_seconds()
{
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

prometheus::MetricFamily figure(std::string name, std::string help, prometheus::MetricType type, double value)
{
    prometheus::ClientMetric metric;
    if (type == prometheus::MetricType::Counter)
        metric.counter.value = value;
    else
        metric.gauge.value = value;
    return {std::move(name), std::move(help), type, {std::move(metric)}};
}

} // namespace

StatLine parse_stat_line(std::string_view line)
{
    auto const name_end = line.rfind(") ");
    if (name_end == std::string_view::npos) return {};
    auto const rest = line.substr(name_end + 2); // Begins with field 3.
    return {.user_ticks = number_field(rest, 11),
            .system_ticks = number_field(rest, 12),
            .threads = number_field(rest, 17),
            .start_ticks = number_field(rest, 19)};
}

ProcessFigures read_process_figures()
{
    static double const boot = boot_time_seconds();
    auto const ticks_per_second = static_cast<double>(::sysconf(_SC_CLK_TCK));
    auto const page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    auto const stat = parse_stat_line(read_line("/proc/self/stat"));
    return {.resident_bytes = number_field(read_line("/proc/self/statm"), 1) * page,
            .cpu_seconds = static_cast<double>(stat.user_ticks + stat.system_ticks) / ticks_per_second,
            .start_time_seconds = boot + static_cast<double>(stat.start_ticks) / ticks_per_second,
            .open_fds = count_open_fds(),
            .max_fds = max_open_fds(),
            .clock_seconds = clock_seconds(),
            .threads = stat.threads};
}

std::vector<prometheus::MetricFamily> ProcessCollector::Collect() const
{
    using prometheus::MetricType;
    auto const now = read_process_figures();
    return {
        figure("process_cpu_seconds_total", "User and system CPU time spent.", MetricType::Counter, now.cpu_seconds),
        figure("process_open_fds", "Open file descriptors.", MetricType::Gauge, static_cast<double>(now.open_fds)),
        figure("process_max_fds", "File descriptors that may be open.", MetricType::Gauge, static_cast<double>(now.max_fds)),
        figure("parley_telemetry_clock_seconds",
               "What the clock says, since the epoch: the scrape's own time tells how wrong it is.", MetricType::Gauge,
               now.clock_seconds),
        figure("process_resident_memory_bytes", "Resident memory.", MetricType::Gauge, static_cast<double>(now.resident_bytes)),
        figure("process_start_time_seconds", "When the process started, since the epoch.", MetricType::Gauge,
               now.start_time_seconds),
        figure("process_threads", "Threads of the process.", MetricType::Gauge, static_cast<double>(now.threads)),
    };
}

} // namespace parley::telemetry
