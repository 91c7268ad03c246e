#include "parley/oauth/registration.hpp"

#include "redirect_uri.hpp"
#include "scope.hpp"

#include "parley/core/text.hpp"

#include <algorithm>
#include <charconv>

namespace parley::oauth
{

namespace
{

// The authority of a web address, in its two parts.
struct Authority
{
    std::string_view host;
    std::string_view port; // Empty: none.
    bool is_valid = false;
};

bool is_host_character(char c) noexcept
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

bool is_port(std::string_view text) noexcept
{
    unsigned port = 0;
    auto const* const end = text.data() + text.size();
    auto const [read, error] = std::from_chars(text.data(), end, port);
    return error == std::errc() && read == end && port >= 1 && port <= 65'535;
}

Authority split_authority(std::string_view text) noexcept
{
    Authority authority;
    auto const bracket = text.starts_with('[') ? text.find(']') : std::string_view::npos;
    auto const colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
    authority.host = text.substr(0, colon);
    if (colon != std::string_view::npos) authority.port = text.substr(colon + 1);
    bool const is_named = !authority.host.empty() && std::ranges::all_of(authority.host, is_host_character);
    bool const is_literal = bracket != std::string_view::npos && bracket + 1 == authority.host.size() && bracket > 2;
    authority.is_valid = (is_named || is_literal) && (colon == std::string_view::npos || is_port(authority.port));
    return authority;
}

bool is_loopback(std::string_view host) noexcept
{
    return host == "127.0.0.1" || host == "[::1]" || equal_ignoring_case(host, "localhost");
}

std::optional<std::string> why_not_web(std::string_view scheme, std::string_view after_scheme)
{
    auto const rest = after_scheme.substr(std::string_view("://").size());
    auto const text = rest.substr(0, rest.find_first_of("/?"));
    if (text.find('@') != std::string_view::npos) return "must not name a user";
    auto const authority = split_authority(text);
    if (!authority.is_valid) return "must name a host, and a port from 1 to 65535 if any; there are no wildcards";
    if (equal_ignoring_case(scheme, "http") && !is_loopback(authority.host))
        return "must use https: http is for 127.0.0.1, [::1] and localhost only";
    return std::nullopt;
}

} // namespace

std::optional<std::string> why_not_registrable(std::string_view uri)
{
    if (uri.find('#') != std::string_view::npos) return "must not have a fragment";
    if (find_invalid_utf8(uri)) return "must be text";
    auto const colon = uri.find(':');
    if (colon == std::string_view::npos || uri.substr(0, colon).find('/') != std::string_view::npos)
        return "must be absolute: with its scheme";
    if (!is_redirectable(uri)) return "must be an address that a browser can be sent to, of at most 2000 characters";
    auto const scheme = uri.substr(0, colon);
    if (equal_ignoring_case(scheme, "https") || equal_ignoring_case(scheme, "http"))
        return why_not_web(scheme, uri.substr(colon));
    if (scheme.find('.') == std::string_view::npos)
        return "must use https, or a private-use scheme with a period in it, such as com.example.app:/callback";
    if (uri.substr(colon + 1).empty()) return "must have a path";
    return std::nullopt;
}

std::vector<std::string> registrable_scopes(ClientGrant grant)
{
    std::vector<std::string> names;
    for (auto const& scope : known_scopes())
        if (grant == ClientGrant::authorization_code || scope.for_machines) names.emplace_back(scope.name);
    return names;
}

} // namespace parley::oauth
