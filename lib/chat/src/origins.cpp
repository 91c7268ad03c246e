#include "origins.hpp"

#include "parley/core/text.hpp"

namespace parley::chat
{

namespace
{

bool is_host_character(char c) noexcept
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

// Of an IPv6 address.
bool is_address_character(char c) noexcept
{
    return (c >= 'a' && c <= 'f') || (c >= '0' && c <= '9') || c == ':' || c == '.';
}

// The host of "https://user@host:8443/path". Whatever is not plainly a host is none: nothing is repaired.
std::string host_of(std::string_view url)
{
    auto const scheme_end = url.find("://");
    if (scheme_end == std::string_view::npos || scheme_end == 0) return {};
    auto authority = url.substr(scheme_end + 3);
    authority = authority.substr(0, authority.find_first_of("/?#\\"));
    if (authority.find('@') != std::string_view::npos) return {}; // No browser sends user information here.
    bool const is_bracketed = authority.starts_with('[');
    auto const end = is_bracketed ? authority.find(']') : authority.find(':');
    if (is_bracketed && end == std::string_view::npos) return {};
    auto host = to_lower_ascii(authority.substr(0, is_bracketed ? end + 1 : end));
    auto const name = is_bracketed ? std::string_view(host).substr(1, host.size() - 2) : std::string_view(host);
    for (char const c : name)
        if (!(is_bracketed ? is_address_character(c) : is_host_character(c))) return {};
    return host;
}

bool matches(std::string_view host, std::string_view pattern)
{
    if (pattern == "*") return true;
    if (!pattern.starts_with("*.")) return equal_ignoring_case(host, pattern);
    auto const parent = pattern.substr(1); // With its dot.
    return host.size() > parent.size() && equal_ignoring_case(host.substr(host.size() - parent.size()), parent);
}

} // namespace

std::string calling_host(http::Request const& request)
{
    for (auto const* name : {"Origin", "Referer"})
    {
        auto const* value = request.find(name);
        if (value != nullptr && !value->empty()) return host_of(*value);
    }
    return {};
}

bool is_allowed_origin(std::string_view host, std::vector<std::string> const& allowed_domains)
{
    if (host.empty()) return false;
    for (auto const& pattern : allowed_domains)
        if (matches(host, pattern)) return true;
    return false;
}

} // namespace parley::chat
