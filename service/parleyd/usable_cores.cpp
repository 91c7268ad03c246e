#include "usable_cores.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <string>
#include <thread>

#include <sched.h>

namespace parley
{

std::optional<std::size_t> cores_of_quota(std::string_view cpu_max)
{
    std::size_t quota = 0;
    std::size_t period = 0;
    auto const* const end = cpu_max.data() + cpu_max.size();
    auto const first = std::from_chars(cpu_max.data(), end, quota);
    if (first.ec != std::errc{} || first.ptr == end) return std::nullopt;
    if (std::from_chars(first.ptr + 1, end, period).ec != std::errc{} || period == 0) return std::nullopt;
    return std::max<std::size_t>(1, (quota + period - 1) / period);
}

std::size_t usable_cores()
{
    std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
    cpu_set_t set;
    if (::sched_getaffinity(0, sizeof set, &set) == 0) cores = static_cast<std::size_t>(std::max(1, CPU_COUNT(&set)));
    std::ifstream file("/sys/fs/cgroup/cpu.max");
    std::string line;
    std::getline(file, line);
    return std::min(cores, cores_of_quota(line).value_or(cores));
}

} // namespace parley
