#include "parley/rate_limit/limiter.hpp"

#include <charconv>

namespace parley::rate_limit
{

namespace
{

using std::chrono::seconds;

std::optional<std::int64_t> positive_number(std::string_view text) noexcept
{
    std::int64_t value = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value <= 0) return std::nullopt;
    return value;
}

std::int64_t seconds_of(char unit) noexcept
{
    switch (unit)
    {
    case 's':
        return 1;
    case 'm':
        return 60;
    case 'h':
        return 3600;
    case 'd':
        return 86'400;
    default:
        return 0;
    }
}

constexpr std::int64_t window_seconds_max = 86'400;

std::optional<seconds> parse_window(std::string_view text) noexcept
{
    if (text.empty()) return std::nullopt;
    auto const unit = seconds_of(text.back());
    text.remove_suffix(1);
    auto const count = text.empty() ? std::optional<std::int64_t>{1} : positive_number(text);
    if (unit == 0 || !count || *count > window_seconds_max / unit) return std::nullopt;
    return seconds(*count * unit);
}

} // namespace

std::string_view name_of(Scope scope) noexcept
{
    switch (scope)
    {
    case Scope::api:
        return "api";
    case Scope::credentials:
        return "credentials";
    case Scope::chat_api:
        return "chat_api";
    }
    return "unknown";
}

std::optional<Limit> parse_limit(std::string_view text) noexcept
{
    auto const slash = text.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    auto const requests = positive_number(text.substr(0, slash));
    auto const window = parse_window(text.substr(slash + 1));
    if (!requests || !window) return std::nullopt;
    return Limit{*requests, *window};
}

std::string to_text(Limit const& limit)
{
    auto const window = limit.window.count();
    for (char const unit : {'d', 'h', 'm'})
        if (window % seconds_of(unit) == 0)
            return std::to_string(limit.requests) + '/' + std::to_string(window / seconds_of(unit)) + unit;
    return std::to_string(limit.requests) + '/' + std::to_string(window) + 's';
}

} // namespace parley::rate_limit
