// From text to values of each kind. Pure; what is wrong is thrown as SettingError without the value.
#pragma once

#include "parley/rate_limit/limiter.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace parley::config
{

[[nodiscard]] std::int64_t read_integer(std::string_view text, std::int64_t min, std::int64_t max);

// "10485760", "10MiB", "16 KiB".
[[nodiscard]] std::int64_t read_bytes(std::string_view text, std::int64_t min, std::int64_t max);

[[nodiscard]] bool read_boolean(std::string_view text); // true or false.

[[nodiscard]] rate_limit::Limit read_limit(std::string_view text);

// "127.0.0.1:8080", "[::1]:0": an IP address and a port. Returned as written.
[[nodiscard]] std::string read_address(std::string_view text);

// Empty, or "http://host" or "https://host" with a port or path at will. Returned without a slash at the end.
[[nodiscard]] std::string read_url(std::string_view text);

// Empty, or where spans are sent. Returned as written.
[[nodiscard]] std::string read_otlp_url(std::string_view text);

// Parts between commas, without white space around them; at least one, none empty.
[[nodiscard]] std::vector<std::string> read_list(std::string_view text);

} // namespace parley::config
