// Cookies, and what protects those who have one: the double submit. The input is the lines of a request's fields.
#include "promise.hpp"

#include "parley/auth/csrf.hpp"
#include "parley/core/text.hpp"
#include "parley/http/cookies.hpp"

#include <algorithm>

namespace parley::fuzz
{
namespace
{

constexpr std::string_view base_url = "https://parley.test";

void read_cookie(http::Request const& request, std::string_view name)
{
    auto const value = http::find_cookie(request, name);
    if (!value) return;
    auto const is_octet = [](char c) { return c > 0x20 && c < 0x7F && c != '"' && c != ',' && c != ';' && c != '\\'; };
    require(std::all_of(value->begin(), value->end(), is_octet), "a cookie's value has only what a cookie may hold", *value);
    // What is told to the browser comes back.
    auto const set = http::to_set_cookie({.name = name, .value = *value, .lifetime = std::nullopt});
    std::vector<http::Field> const fields{{"Cookie", std::string_view(set).substr(0, set.find(';'))}};
    require(http::find_cookie(request_with(fields), name) == value, "a cookie that is set is the one that comes back", set);
}

void read_forgery(http::Request const& request)
{
    if (auth::check_csrf(request, {}, base_url) != auth::CsrfVerdict::ok) return;
    auto const cookie = http::find_cookie(request, auth::csrf_cookie_name);
    auto const* const header = request.find(auth::csrf_header_name);
    require(cookie && auth::is_csrf_token(*cookie), "without a token nothing is let through");
    require(header != nullptr && trim_ows(*header) == *cookie, "the token is repeated");
    auto const* const origin = request.find("Origin");
    auto const* const referer = request.find("Referer");
    require(origin != nullptr || referer != nullptr, "over https a browser says where it comes from");
    require(origin == nullptr || equal_ignoring_case(*origin, base_url), "another origin is not let through",
            origin == nullptr ? "" : *origin);
}

} // namespace
} // namespace parley::fuzz

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    using namespace parley;
    auto const fields = fuzz::read_fields(fuzz::text_of(data, size));
    auto const request = fuzz::request_with(fields);
    for (auto const* const name : {"sessionid", "csrftoken", "a"})
        fuzz::read_cookie(request, name);
    fuzz::read_forgery(request);
    return 0;
}
