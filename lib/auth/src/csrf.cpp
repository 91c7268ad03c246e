#include "parley/auth/csrf.hpp"

#include "parley/core/identifier.hpp"
#include "parley/core/text.hpp"
#include "parley/http/cookies.hpp"

#include <algorithm>

namespace parley::auth
{

namespace
{

// "https://host/path" and "https://host" begin at the origin "https://host"; "https://host.evil" does not.
bool begins_at(std::string_view url, std::string_view origin) noexcept
{
    if (url.size() < origin.size() || !equal_ignoring_case(url.substr(0, origin.size()), origin)) return false;
    return url.size() == origin.size() || url[origin.size()] == '/';
}

// scheme://host of a base URL that may go on with a path.
std::string_view origin_of(std::string_view base_url) noexcept
{
    auto const authority = base_url.find("://");
    if (authority == std::string_view::npos) return base_url;
    return base_url.substr(0, base_url.find('/', authority + 3));
}

bool comes_from_here(http::Request const& request, std::string_view base_url) noexcept
{
    auto const origin = origin_of(base_url);
    if (auto const* const site = request.find("Sec-Fetch-Site"))
    {
        if (*site != "same-origin" && *site != "none") return false;
    }
    if (auto const* const sent = request.find("Origin")) return equal_ignoring_case(trim_ows(*sent), origin);
    if (auto const* const referer = request.find("Referer")) return begins_at(trim_ows(*referer), origin);
    // Every browser of today sends Origin with a post. Over plain http, which is loopback, programs may leave it out.
    return !base_url.starts_with("https:");
}

} // namespace

bool is_csrf_token(std::string_view token) noexcept
{
    auto const is_token_char = [](char c)
    { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_'; };
    return token.size() >= 32 && token.size() <= 64 && std::all_of(token.begin(), token.end(), is_token_char);
}

CsrfVerdict check_csrf(http::Request const& request, std::string_view form_token, std::string_view base_url) noexcept
{
    if (!comes_from_here(request, base_url)) return CsrfVerdict::origin_mismatch;
    auto const cookie = http::find_cookie(request, csrf_cookie_name);
    if (!cookie || !is_csrf_token(*cookie)) return CsrfVerdict::cookie_missing;
    auto const* const header = request.find(csrf_header_name);
    auto const repeated = form_token.empty() && header != nullptr ? trim_ows(*header) : form_token;
    return equal_in_constant_time(*cookie, repeated) ? CsrfVerdict::ok : CsrfVerdict::token_mismatch;
}

} // namespace parley::auth
