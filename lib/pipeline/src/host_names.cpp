#include "host_names.hpp"

#include "parley/core/text.hpp"
#include "parley/rate_limit/limiter.hpp"

#include <algorithm>

namespace parley::pipeline
{

namespace
{

bool takes(std::string_view pattern, std::string_view host) noexcept
{
    if (pattern == "*") return true;
    if (!pattern.starts_with('.')) return equal_ignoring_case(pattern, host);
    if (equal_ignoring_case(pattern.substr(1), host)) return true;
    return host.size() > pattern.size() && equal_ignoring_case(pattern, host.substr(host.size() - pattern.size()));
}

} // namespace

std::string_view without_port(std::string_view host) noexcept
{
    auto const bracket = host.rfind(']');
    auto const colon = host.rfind(':');
    bool const has_port = colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
    if (has_port) host = host.substr(0, colon);
    if (host.ends_with('.')) host.remove_suffix(1);
    return host;
}

bool is_allowed_host(std::string_view host, std::vector<std::string> const& patterns) noexcept
{
    auto const name = without_port(host);
    return std::any_of(patterns.begin(), patterns.end(), [name](std::string const& pattern) { return takes(pattern, name); });
}

bool is_https(http::Request const& request, int trusted_proxy_hops)
{
    return equal_ignoring_case(rate_limit::forwarded_entry(request, "X-Forwarded-Proto", trusted_proxy_hops), "https");
}

std::string base_url_of(http::Request const& request, int trusted_proxy_hops)
{
    std::string url(is_https(request, trusted_proxy_hops) ? "https://" : "http://");
    // HTTP/1.0 may come without a Host.
    url.append(request.host.empty() ? std::string_view("localhost") : request.host);
    return url;
}

} // namespace parley::pipeline
