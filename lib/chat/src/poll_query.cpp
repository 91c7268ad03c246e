#include "poll_query.hpp"

#include "session_access.hpp"

#include "parley/routing/route_table.hpp"

#include <charconv>
#include <string>

namespace parley::chat
{

namespace
{

constexpr std::size_t date_length = 10;     // 2026-01-01
constexpr std::size_t offset_length = 6;    // +02:00
constexpr std::size_t shortest_length = 19; // 2026-01-01T00:00:00

bool has_offset(std::string_view text) noexcept
{
    if (text.ends_with('Z')) return true;
    if (text.size() < shortest_length + offset_length) return false;
    auto const sign = text[text.size() - offset_length];
    return sign == '+' || sign == '-';
}

std::optional<Timestamp> read_since(std::string text)
{
    if (text.size() == date_length) text += "T00:00:00";
    if (text.size() > date_length && text[date_length] == ' ') text[date_length] = 'T';
    if (text.size() >= shortest_length + offset_length && text[text.size() - offset_length] == ' ')
        text[text.size() - offset_length] = '+';
    if (!has_offset(text)) text += 'Z';
    return parse_timestamp(text);
}

std::optional<std::int32_t> read_limit(std::string_view text) noexcept
{
    std::int32_t limit = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
    if (error != std::errc() || end != text.data() + text.size() || limit < 1 || limit > poll_limit_max) return std::nullopt;
    return limit;
}

} // namespace

Result<PollParameters> read_poll_query(std::string_view query)
{
    std::string since;
    std::optional<std::string> limit;
    for (auto& parameter : routing::parse_query(query))
    {
        if (parameter.name == "since") since = std::move(parameter.value);
        if (parameter.name == "limit") limit = std::move(parameter.value);
    }
    PollParameters parameters;
    if (!since.empty())
    {
        parameters.since = read_since(std::move(since));
        if (!parameters.since) return refusal(ProblemCode::field_invalid, "Invalid 'since' parameter format. Use ISO format.");
    }
    if (limit)
    {
        auto const number = read_limit(*limit);
        if (!number) return refusal(ProblemCode::field_invalid, "Invalid 'limit' parameter. Use a number from 1 to 200.");
        parameters.limit = *number;
    }
    return parameters;
}

} // namespace parley::chat
