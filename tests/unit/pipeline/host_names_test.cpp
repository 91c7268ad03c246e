#include "parley/pipeline/pipeline.hpp"

#include "host_names.hpp"

#include <gtest/gtest.h>

namespace parley::pipeline
{
namespace
{

TEST(AllowedHosts, a_name_takes_itself_in_any_case_and_with_any_port)
{
    std::vector<std::string> const patterns{"api.example.org", "[::1]", "127.0.0.1"};
    for (auto const* host :
         {"api.example.org", "API.Example.ORG", "api.example.org:8080", "api.example.org.", "[::1]", "[::1]:80", "127.0.0.1:1"})
        EXPECT_TRUE(is_allowed_host(host, patterns)) << host;
    for (auto const* host : {"", "example.org", "x.api.example.org", "api.example.org.evil", "[::2]", "127.0.0.2"})
        EXPECT_FALSE(is_allowed_host(host, patterns)) << host;
}

TEST(AllowedHosts, a_leading_dot_takes_the_name_and_all_below_it)
{
    std::vector<std::string> const patterns{".example.org"};
    for (auto const* host : {"example.org", "a.example.org", "a.b.Example.org:1"})
        EXPECT_TRUE(is_allowed_host(host, patterns)) << host;
    for (auto const* host : {"badexample.org", "example.org.evil", ".example.com", ""})
        EXPECT_FALSE(is_allowed_host(host, patterns)) << host;
}

TEST(AllowedHosts, a_star_takes_everything_and_nothing_takes_nothing)
{
    EXPECT_TRUE(is_allowed_host("anything", {"x", "*"}));
    EXPECT_TRUE(is_allowed_host("", {"*"}));
    EXPECT_FALSE(is_allowed_host("anything", {}));
}

std::string url(std::vector<http::Field> const& fields, int hops)
{
    http::Request request;
    request.host = "example.org";
    request.fields = fields;
    return base_url_of(request, hops);
}

TEST(BaseUrl, the_scheme_is_what_the_trusted_proxy_says)
{
    EXPECT_EQ(url({}, 1), "http://example.org");
    EXPECT_EQ(url({{"X-Forwarded-Proto", "https"}}, 0), "http://example.org");
    EXPECT_EQ(url({{"X-Forwarded-Proto", "HTTPS"}}, 1), "https://example.org");
    EXPECT_EQ(url({{"X-Forwarded-Proto", "http"}}, 1), "http://example.org");
    EXPECT_EQ(url({{"X-Forwarded-Proto", "javascript"}}, 1), "http://example.org");
}

TEST(BaseUrl, of_a_list_the_nth_from_the_right_counts)
{
    EXPECT_EQ(url({{"X-Forwarded-Proto", "https, http"}}, 1), "http://example.org");
    EXPECT_EQ(url({{"X-Forwarded-Proto", "https, http"}}, 2), "https://example.org");
    EXPECT_EQ(url({{"X-Forwarded-Proto", "https"}}, 2), "https://example.org");
    EXPECT_EQ(url({{"X-Forwarded-Proto", "https"}, {"X-Forwarded-Proto", "http"}}, 1), "http://example.org");
}

} // namespace
} // namespace parley::pipeline
