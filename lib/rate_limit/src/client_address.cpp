#include "parley/rate_limit/limiter.hpp"

#include "parley/core/text.hpp"

#include <boost/asio/ip/network_v6.hpp>

#include <algorithm>

namespace parley::rate_limit
{

namespace
{

namespace ip = boost::asio::ip;

// An entry of X-Forwarded-For: an address, or what some proxies write: "1.2.3.4:5678", "[2001:db8::1]:5678".
std::optional<ip::address> parse_entry(std::string_view entry)
{
    if (entry.starts_with('['))
        entry = entry.substr(1, entry.find(']') - 1);
    else if (std::count(entry.begin(), entry.end(), ':') == 1)
        entry = entry.substr(0, entry.find(':'));
    boost::system::error_code error;
    auto address = ip::make_address(entry, error);
    if (error) return std::nullopt;
    return address;
}

} // namespace

std::string_view forwarded_entry(http::Request const& request, std::string_view field_name, int trusted_proxy_hops) noexcept
{
    std::string_view leftmost;
    if (trusted_proxy_hops <= 0) return leftmost;
    for (auto field = request.fields.rbegin(); field != request.fields.rend(); ++field)
    {
        if (!equal_ignoring_case(field->name, field_name)) continue;
        for (auto rest = field->value;;)
        {
            auto const comma = rest.rfind(',');
            leftmost = trim_ows(comma == std::string_view::npos ? rest : rest.substr(comma + 1));
            if (--trusted_proxy_hops == 0) return leftmost;
            if (comma == std::string_view::npos) break;
            rest = rest.substr(0, comma);
        }
    }
    return leftmost;
}

ip::address client_address(http::Request const& request, int trusted_proxy_hops)
{
    auto const entry = forwarded_entry(request, "X-Forwarded-For", trusted_proxy_hops);
    return entry.empty() ? request.peer : parse_entry(entry).value_or(request.peer);
}

std::string identity_of(ip::address const& address)
{
    if (address.is_v4()) return address.to_v4().to_string();
    auto const v6 = address.to_v6();
    if (v6.is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, v6).to_string();
    // Whoever has one address of a /64 has them all.
    auto const without_zone = ip::make_address_v6(v6.to_bytes());
    return ip::network_v6(without_zone, 64).canonical().to_string();
}

} // namespace parley::rate_limit
