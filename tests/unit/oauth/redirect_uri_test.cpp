#include "redirect_uri.hpp"

#include <gtest/gtest.h>

namespace parley::oauth
{
namespace
{

struct Pair
{
    char const* registered;
    char const* presented;
};

TEST(RedirectUri, only_the_port_of_a_loopback_literal_is_free)
{
    for (auto const& [registered, presented] : std::initializer_list<Pair>{
             {"https://client.example/cb", "https://client.example/cb"},
             {"http://127.0.0.1/cb", "http://127.0.0.1:49152/cb"},
             {"http://127.0.0.1:8000/cb", "http://127.0.0.1/cb"},
             {"http://[::1]:1/cb?a=b", "http://[::1]:65535/cb?a=b"},
             {"com.example.app:/cb", "com.example.app:/cb"},
         })
        EXPECT_TRUE(is_same_redirect(registered, presented)) << registered << ' ' << presented;
}

TEST(RedirectUri, nothing_else_is_the_registered_one)
{
    for (auto const& [registered, presented] : std::initializer_list<Pair>{
             {"https://client.example/cb", "https://client.example/cb/"},
             {"https://client.example/cb", "https://client.example/cb?x=1"},
             {"https://client.example/cb", "https://client.example/CB"},
             {"https://client.example/cb", "https://CLIENT.example/cb"},
             {"https://client.example/cb", "http://client.example/cb"},
             {"https://client.example/cb", "https://client.example:443/cb"},
             {"https://client.example/cb", "https://client.example/cb#f"},
             {"https://client.example/cb", "https://client.example/x/../cb"},
             {"https://client.example/cb", "https://client.example%2Fcb"},
             {"https://client.example/cb", "https://client.example@evil.example/cb"},
             {"http://127.0.0.1/cb", "http://127.0.0.1:80/other"},
             {"http://127.0.0.1/cb", "http://127.0.0.1.evil.example/cb"},
             {"http://127.0.0.1/cb", "http://127.0.0.1:80@evil.example/cb"},
             {"http://127.0.0.1/cb", "http://127.0.0.1:/cb"},
             {"http://127.0.0.1/cb", "http://127.0.0.1:999999/cb"},
             {"http://127.0.0.1/cb", "http://[::1]/cb"},
             {"http://127.0.0.1/cb", "https://127.0.0.1:8443/cb"},
             {"http://localhost/cb", "http://localhost:8000/cb"},
         })
        EXPECT_FALSE(is_same_redirect(registered, presented)) << registered << ' ' << presented;
}

TEST(RedirectUri, what_runs_script_or_has_a_fragment_is_no_destination_even_if_registered)
{
    for (auto const* const uri :
         {"", "client.example/cb", "/cb", "//client.example/cb", "javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x",
          "vbscript:x", "file:///etc/passwd", "https:///cb", "https:/cb", "https://client.example/#f",
          "https://client.example/ x", "https://client.example/\r\nX: y", "1https://x", ":x"})
        EXPECT_FALSE(is_redirectable(uri)) << uri;
    for (auto const* const uri :
         {"https://client.example/cb", "http://127.0.0.1:8000/", "com.example.app:/cb", "https://client.example?x=1"})
        EXPECT_TRUE(is_redirectable(uri)) << uri;
}

TEST(RedirectUri, without_one_the_only_registered_is_chosen)
{
    EXPECT_EQ(choose_redirect({"https://a/"}, ""), "https://a/");
    EXPECT_FALSE(choose_redirect({"https://a/", "https://b/"}, ""));
    EXPECT_FALSE(choose_redirect({}, ""));
    EXPECT_FALSE(choose_redirect({"javascript:x"}, ""));
    EXPECT_FALSE(choose_redirect({"javascript:x"}, "javascript:x"));
    EXPECT_EQ(choose_redirect({"https://a/", "https://b/"}, "https://b/"), "https://b/");
    EXPECT_FALSE(choose_redirect({"https://a/"}, "https://b/"));
}

TEST(RedirectUri, keeps_its_own_query)
{
    EXPECT_EQ(with_query("https://a/cb", "x=1"), "https://a/cb?x=1");
    EXPECT_EQ(with_query("https://a/cb?y=2", "x=1"), "https://a/cb?y=2&x=1");
    EXPECT_EQ(with_query("https://a/cb?", "x=1"), "https://a/cb?x=1");
}

TEST(RedirectUri, has_a_source_in_policies_that_cannot_be_broken_out_of)
{
    EXPECT_EQ(policy_source("https://client.example:8443/cb?x"), "https://client.example:8443");
    EXPECT_EQ(policy_source("https://user@client.example/cb"), "https://client.example");
    EXPECT_EQ(policy_source("http://[::1]:80/cb"), "http:");
    EXPECT_EQ(policy_source("com.example.app:/cb"), "com.example.app:");
    EXPECT_EQ(policy_source("https://a;script-src/cb"), "https:");
}

} // namespace
} // namespace parley::oauth
