#include "parley/auth/csrf.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace parley::auth
{
namespace
{

constexpr std::string_view token = "oracleCsrfToken0123456789abcdefg";
constexpr std::string_view other = "oracleCsrfToken0123456789abcdefh";

struct Case
{
    char const* name;
    std::vector<http::Field> fields;
    std::string_view form;
    std::string_view base_url;
    CsrfVerdict verdict;
};

TEST(Csrf, a_form_must_show_that_it_came_from_here)
{
    http::Field const cookie{"Cookie", "a=b; csrftoken=oracleCsrfToken0123456789abcdefg"};
    http::Field const same{"Origin", "https://auth.example"};
    std::string_view const https = "https://auth.example";
    std::string_view const http = "http://127.0.0.1:8080";
    Case const cases[] = {
        {"form and origin", {cookie, same}, token, https, CsrfVerdict::ok},
        {"header and origin", {cookie, same, {"X-CSRFToken", token}}, "", https, CsrfVerdict::ok},
        {"referer", {cookie, {"Referer", "https://auth.example/accounts/login/?next=x"}}, token, https, CsrfVerdict::ok},
        {"nothing over http", {cookie}, token, http, CsrfVerdict::ok},
        {"base with a path", {cookie, same}, token, "https://auth.example/parley", CsrfVerdict::ok},
        {"no cookie", {same}, token, https, CsrfVerdict::cookie_missing},
        {"short cookie", {{"Cookie", "csrftoken=short"}, same}, "short", https, CsrfVerdict::cookie_missing},
        {"no token", {cookie, same}, "", https, CsrfVerdict::token_mismatch},
        {"another token", {cookie, same}, other, https, CsrfVerdict::token_mismatch},
        {"another header", {cookie, same, {"X-CSRFToken", other}}, "", https, CsrfVerdict::token_mismatch},
        {"bad form beside good header", {cookie, same, {"X-CSRFToken", token}}, other, https, CsrfVerdict::token_mismatch},
        {"another origin", {cookie, {"Origin", "https://evil.example"}}, token, https, CsrfVerdict::origin_mismatch},
        {"origin null", {cookie, {"Origin", "null"}}, token, https, CsrfVerdict::origin_mismatch},
        {"http origin of an https site", {cookie, {"Origin", "http://auth.example"}}, token, https, CsrfVerdict::origin_mismatch},
        {"longer origin", {cookie, {"Origin", "https://auth.example.evil"}}, token, https, CsrfVerdict::origin_mismatch},
        {"another referer", {cookie, {"Referer", "https://auth.example.evil/"}}, token, https, CsrfVerdict::origin_mismatch},
        {"good referer, bad origin",
         {cookie, {"Origin", "null"}, {"Referer", "https://auth.example/"}},
         token,
         https,
         CsrfVerdict::origin_mismatch},
        {"neither over https", {cookie}, token, https, CsrfVerdict::origin_mismatch},
        {"fetched by another site", {cookie, same, {"Sec-Fetch-Site", "cross-site"}}, token, https, CsrfVerdict::origin_mismatch},
        {"fetched by a sister", {cookie, same, {"Sec-Fetch-Site", "same-site"}}, token, https, CsrfVerdict::origin_mismatch},
    };
    for (Case const& one : cases)
    {
        http::Request const request{.method = http::Method::post, .fields = one.fields};
        EXPECT_EQ(check_csrf(request, one.form, one.base_url), one.verdict) << one.name;
    }
}

} // namespace
} // namespace parley::auth
