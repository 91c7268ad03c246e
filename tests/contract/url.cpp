#include "contract/url.hpp"

#include "parley/core/text.hpp"

#include <algorithm>

namespace parley::contract
{

Url split_url(std::string_view url) noexcept
{
    Url parts;
    url = url.substr(0, url.find('#'));
    if (std::size_t const mark = url.find('?'); mark != url.npos)
    {
        parts.query = url.substr(mark + 1);
        url = url.substr(0, mark);
    }
    if (std::size_t const colon = url.find("://"); colon != url.npos)
    {
        parts.scheme = url.substr(0, colon);
        url.remove_prefix(colon + 3);
        std::size_t const slash = std::min(url.find('/'), url.size());
        parts.authority = url.substr(0, slash);
        url.remove_prefix(slash);
    }
    parts.path = url;
    return parts;
}

Parameters parameters_of(std::string_view query)
{
    Parameters parameters;
    while (!query.empty())
    {
        std::size_t const end = std::min(query.find('&'), query.size());
        std::string_view const part = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        if (part.empty()) continue;
        std::size_t const equals = std::min(part.find('='), part.size());
        std::string_view const value = part.substr(std::min(equals + 1, part.size()));
        parameters[percent_decode(part.substr(0, equals), true)].push_back(percent_decode(value, true));
    }
    return parameters;
}

} // namespace parley::contract
