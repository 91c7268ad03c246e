#include "redirect_uri.hpp"

#include "parley/core/text.hpp"

#include <algorithm>
#include <array>

namespace parley::oauth
{

namespace
{

// The two halves around the port of an http URI on a loopback literal.
struct LoopbackParts
{
    std::string_view host; // With its scheme: "http://127.0.0.1"
    std::string_view rest; // From the path on.
};

std::optional<LoopbackParts> split_loopback(std::string_view uri) noexcept
{
    constexpr std::array<std::string_view, 2> hosts{"http://127.0.0.1", "http://[::1]"};
    for (auto const host : hosts)
    {
        if (!uri.starts_with(host)) continue;
        auto rest = uri.substr(host.size());
        if (rest.starts_with(':'))
        {
            rest.remove_prefix(1);
            auto const digits = rest.find_first_not_of("0123456789");
            auto const count = digits == std::string_view::npos ? rest.size() : digits;
            if (count == 0 || count > 5) return std::nullopt;
            rest.remove_prefix(count);
        }
        if (!rest.empty() && rest.front() != '/' && rest.front() != '?')
            return std::nullopt; // "http://127.0.0.1.evil", "...@evil".
        return LoopbackParts{.host = host, .rest = rest};
    }
    return std::nullopt;
}

std::string_view scheme_of(std::string_view uri) noexcept
{
    auto const colon = uri.find(':');
    if (colon == std::string_view::npos || colon == 0) return {};
    auto const scheme = uri.substr(0, colon);
    auto const is_alpha = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    auto const is_scheme_char = [&](char c) { return is_alpha(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.'; };
    return is_alpha(scheme.front()) && std::all_of(scheme.begin(), scheme.end(), is_scheme_char) ? scheme : std::string_view();
}

bool is_web(std::string_view scheme) noexcept
{
    return equal_ignoring_case(scheme, "http") || equal_ignoring_case(scheme, "https");
}

} // namespace

bool is_same_redirect(std::string_view registered, std::string_view presented) noexcept
{
    if (registered == presented) return true;
    auto const left = split_loopback(registered);
    auto const right = split_loopback(presented);
    return left && right && left->host == right->host && left->rest == right->rest;
}

bool is_redirectable(std::string_view uri) noexcept
{
    constexpr std::array<std::string_view, 8> dangerous{"javascript", "data", "vbscript",   "file",
                                                        "about",      "blob", "filesystem", "view-source"};
    auto const is_bad = [](char c)
    { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F || c == '#' || c == '\\' || c == '"'; };
    if (uri.size() > 2000 || std::any_of(uri.begin(), uri.end(), is_bad)) return false;
    auto const scheme = scheme_of(uri);
    if (scheme.empty()) return false;
    if (is_web(scheme))
    {
        auto const rest = uri.substr(scheme.size());
        return rest.starts_with("://") && rest.size() > 3 && rest[3] != '/' && rest[3] != '?';
    }
    return std::none_of(dangerous.begin(), dangerous.end(),
                        [&](std::string_view one) { return equal_ignoring_case(scheme, one); });
}

std::optional<std::string> choose_redirect(std::vector<std::string> const& registered, std::string_view presented)
{
    if (presented.empty())
    {
        if (registered.size() != 1 || !is_redirectable(registered.front())) return std::nullopt;
        return registered.front();
    }
    if (!is_redirectable(presented)) return std::nullopt;
    auto const is_registered = [&](std::string const& one) { return is_same_redirect(one, presented); };
    if (std::none_of(registered.begin(), registered.end(), is_registered)) return std::nullopt;
    return std::string(presented);
}

std::string with_query(std::string_view uri, std::string_view query)
{
    std::string whole(uri);
    auto const question = whole.find('?');
    if (question == std::string::npos)
        whole += '?';
    else if (question + 1 != whole.size() && whole.back() != '&')
        whole += '&';
    return whole.append(query);
}

std::string policy_source(std::string_view uri)
{
    auto const scheme = scheme_of(uri);
    auto const as_scheme = std::string(scheme) + ":";
    if (!is_web(scheme)) return as_scheme;
    auto const authority = uri.substr(scheme.size() + 3);
    auto host = authority.substr(0, authority.find_first_of("/?"));
    if (auto const at = host.rfind('@'); at != std::string_view::npos) host.remove_prefix(at + 1);
    auto const is_host_char = [](char c)
    { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == ':'; };
    // An IPv6 literal is no host source; and nothing may end the directive.
    if (host.empty() || !std::all_of(host.begin(), host.end(), is_host_char)) return as_scheme;
    return std::string(scheme) + "://" + std::string(host);
}

} // namespace parley::oauth
