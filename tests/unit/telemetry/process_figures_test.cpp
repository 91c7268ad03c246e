#include "parley/telemetry/telemetry.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <sstream>
#include <string>

namespace parley::telemetry
{
namespace
{

double value_of(std::string const& text, std::string const& name)
{
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with(name + " ")) return std::stod(line.substr(name.size() + 1));
    return -1;
}

TEST(ProcessFigures, they_are_those_of_a_running_process)
{
    auto const text = Telemetry({.log_level = "off"}).expose();
    EXPECT_GT(value_of(text, "process_resident_memory_bytes"), 1e6);
    EXPECT_LT(value_of(text, "process_resident_memory_bytes"), 1e11);
    EXPECT_GE(value_of(text, "process_open_fds"), 3);
    EXPECT_GE(value_of(text, "process_max_fds"), value_of(text, "process_open_fds"));
    EXPECT_GE(value_of(text, "process_cpu_seconds_total"), 0);
    EXPECT_GE(value_of(text, "process_threads"), 2);
    auto const now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
    EXPECT_NEAR(value_of(text, "process_start_time_seconds"), now, 3600);
    EXPECT_NEAR(value_of(text, "parley_telemetry_clock_seconds"), now, 5);
}

} // namespace
} // namespace parley::telemetry
