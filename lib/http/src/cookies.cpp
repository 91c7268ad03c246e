#include "parley/http/cookies.hpp"

#include "parley/core/text.hpp"

#include <algorithm>

namespace parley::http
{

namespace
{

constexpr int cookies_max = 100; // Browsers keep some 50 a site.

// cookie-octet of RFC 6265, 4.1.1.
bool is_cookie_octet(char c) noexcept
{
    auto const byte = static_cast<unsigned char>(c);
    return byte > 0x20 && byte < 0x7F && c != '"' && c != ',' && c != ';' && c != '\\';
}

std::string_view without_quotes(std::string_view value) noexcept
{
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') return value.substr(1, value.size() - 2);
    return value;
}

std::optional<std::string_view> find_in(std::string_view field, std::string_view name, int& seen) noexcept
{
    while (!field.empty() && seen < cookies_max)
    {
        auto const semicolon = field.find(';');
        auto const pair = trim_ows(field.substr(0, semicolon));
        ++seen;
        auto const equals = pair.find('=');
        if (equals != std::string_view::npos && pair.substr(0, equals) == name)
        {
            auto const value = without_quotes(pair.substr(equals + 1));
            if (std::all_of(value.begin(), value.end(), is_cookie_octet)) return value;
        }
        if (semicolon == std::string_view::npos) break;
        field.remove_prefix(semicolon + 1);
    }
    return std::nullopt;
}

} // namespace

std::optional<std::string_view> find_cookie(Request const& request, std::string_view name) noexcept
{
    int seen = 0;
    for (Field const& field : request.fields)
    {
        if (!equal_ignoring_case(field.name, "cookie")) continue;
        if (auto const value = find_in(field.value, name, seen)) return value;
    }
    return std::nullopt;
}

std::string to_set_cookie(Cookie const& cookie)
{
    std::string field;
    field.append(cookie.name).append("=").append(cookie.value).append("; Path=/");
    if (cookie.lifetime) field.append("; Max-Age=").append(std::to_string(cookie.lifetime->count()));
    if (cookie.readable == Readable::by_server_only) field.append("; HttpOnly");
    if (cookie.is_secure) field.append("; Secure");
    return field.append("; SameSite=Lax");
}

} // namespace parley::http
