#include "parley/core/text.hpp"
#include "parley/routing/route_table.hpp"

#include <cstddef>

namespace parley::routing
{

namespace
{

constexpr std::size_t parameters_max =
    1000; // Work per request is bounded; the service that the API comes from read no more either.

constexpr bool continues(std::string_view text, std::size_t at, unsigned char low = 0x80, unsigned char high = 0xBF) noexcept
{
    if (at >= text.size()) return false;
    auto const byte = static_cast<unsigned char>(text[at]);
    return byte >= low && byte <= high;
}

// How many bytes at the front one replacement character stands for: the longest beginning of a sequence that went wrong later
// (Unicode, 3.9, "maximal subpart"), else one byte. The text begins with something that is not well-formed.
std::size_t broken_length(std::string_view text) noexcept
{
    auto const lead = static_cast<unsigned char>(text[0]);
    if (lead >= 0xE0 && lead <= 0xEF)
    {
        unsigned char const low = lead == 0xE0 ? 0xA0 : 0x80;
        unsigned char const high = lead == 0xED ? 0x9F : 0xBF;
        return continues(text, 1, low, high) ? 2 : 1;
    }
    if (lead >= 0xF0 && lead <= 0xF4)
    {
        unsigned char const low = lead == 0xF0 ? 0x90 : 0x80;
        unsigned char const high = lead == 0xF4 ? 0x8F : 0xBF;
        if (!continues(text, 1, low, high)) return 1;
        return continues(text, 2) ? 3 : 2;
    }
    return 1;
}

std::string decode(std::string_view part)
{
    std::string text = percent_decode(part, true);
    auto bad = find_invalid_utf8(text);
    if (!bad) return text;
    std::string out;
    std::string_view rest = text;
    while (bad)
    {
        out.append(rest.substr(0, *bad)).append("\xEF\xBF\xBD");
        rest.remove_prefix(*bad);
        rest.remove_prefix(broken_length(rest));
        bad = find_invalid_utf8(rest);
    }
    out.append(rest);
    return out;
}

} // namespace

std::vector<QueryParameter> parse_query(std::string_view query)
{
    std::vector<QueryParameter> parameters;
    while (!query.empty() && parameters.size() < parameters_max)
    {
        std::string_view const part = query.substr(0, query.find('&'));
        query.remove_prefix(part.size() < query.size() ? part.size() + 1 : part.size());
        if (part.empty()) continue;
        auto const equals = part.find('=');
        std::string_view const value = equals == std::string_view::npos ? std::string_view() : part.substr(equals + 1);
        parameters.push_back({decode(part.substr(0, equals)), decode(value)});
    }
    return parameters;
}

} // namespace parley::routing
