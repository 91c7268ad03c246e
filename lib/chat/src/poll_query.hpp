// The parameters of chat_poll. Pure.
#pragma once

#include "parley/core/clock.hpp"
#include "parley/core/result.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace parley::chat
{

inline constexpr std::int32_t poll_limit_default = 50;
inline constexpr std::int32_t poll_limit_max = 200;

struct PollParameters
{
    std::optional<Timestamp> since;
    std::int32_t limit = poll_limit_default;
};

// field_invalid where since is no time in ISO 8601, or limit is not a number from 1 to 200. Of a repeated parameter the last
// counts. A time without an offset is UTC; a '+' that nobody encoded arrives as a space and is understood.
[[nodiscard]] Result<PollParameters> read_poll_query(std::string_view query);

} // namespace parley::chat
