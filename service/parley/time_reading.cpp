#include "time_reading.hpp"

#include "arguments.hpp"

#include <charconv>
#include <optional>

namespace parley::command
{

namespace
{

constexpr std::int64_t amount_max = 100'000; // 100,000 weeks are beyond anybody's plans and within the calendar.

std::optional<std::chrono::seconds> unit_of(char letter)
{
    switch (letter)
    {
    case 's':
        return std::chrono::seconds(1);
    case 'm':
        return std::chrono::minutes(1);
    case 'h':
        return std::chrono::hours(1);
    case 'd':
        return std::chrono::days(1);
    case 'w':
        return std::chrono::weeks(1);
    default:
        return std::nullopt;
    }
}

std::optional<std::chrono::seconds> parse_duration(std::string_view text)
{
    if (text.size() < 2) return std::nullopt;
    auto const unit = unit_of(text.back());
    std::int64_t amount = 0;
    auto const* last = text.data() + text.size() - 1;
    auto const [end, error] = std::from_chars(text.data(), last, amount);
    if (!unit || error != std::errc() || end != last || amount < 0 || amount > amount_max) return std::nullopt;
    return *unit * amount;
}

} // namespace

std::chrono::seconds read_duration(std::string_view option, std::string_view text)
{
    auto const result = parse_duration(text);
    if (!result) throw UsageError(std::string(option) + " \"" + std::string(text) + "\": write it like 90s, 15m, 12h, 30d or 4w");
    return *result;
}

Timestamp read_moment(std::string_view option, std::string_view text, Timestamp now)
{
    if (auto const from_now = parse_duration(text)) return std::chrono::floor<std::chrono::seconds>(now) + *from_now;
    if (auto const moment = parse_timestamp(text)) return *moment;
    if (auto const day = parse_timestamp(std::string(text) + "T00:00:00Z")) return *day;
    throw UsageError(std::string(option) + " \"" + std::string(text) +
                     "\": write it like 2027-01-01T00:00:00Z, 2027-01-01 or 30d");
}

} // namespace parley::command
