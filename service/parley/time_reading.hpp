// Times and lengths of time as an administrator writes them.
#pragma once

#include "parley/core/clock.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace parley::command
{

// "90s", "15m", "12h", "30d", "4w". Throws UsageError, which names the option.
[[nodiscard]] std::chrono::seconds read_duration(std::string_view option, std::string_view text);

// "2027-01-01T00:00:00Z", "2027-01-01", or so long from now: "30d". Throws UsageError, which names the option.
[[nodiscard]] Timestamp read_moment(std::string_view option, std::string_view text, Timestamp now);

} // namespace parley::command
