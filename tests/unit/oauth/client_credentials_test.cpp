#include "client_credentials.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace parley::oauth
{
namespace
{

TEST(Basic, is_decoded_twice)
{
    auto const shown = parse_basic("Basic YSUzQWI6cyUyQ3QrdQ=="); // a%3Ab:s%2Ct+u
    ASSERT_TRUE(shown);
    EXPECT_EQ(shown->client_id, "a:b");
    EXPECT_EQ(shown->secret, "s,t u");
}

TEST(Basic, takes_the_scheme_in_any_case_and_an_empty_secret)
{
    auto const shown = parse_basic("bAsIc YTo="); // a:
    ASSERT_TRUE(shown);
    EXPECT_EQ(shown->client_id, "a");
    EXPECT_EQ(shown->secret, "");
}

TEST(Basic, takes_a_secret_that_is_not_encoded_as_it_is)
{
    auto const shown = parse_basic("Basic YToxMDAl"); // a:100%
    ASSERT_TRUE(shown);
    EXPECT_EQ(shown->secret, "100%");
}

TEST(Basic, refuses_what_is_malformed)
{
    for (auto const* const text : {"", "Basic", "Basic ", "Basic !!!!", "Basic YQ==", "Basic OnNlY3JldA==", "Bearer YTpi",
                                   "Basic YTpi=", "Basic YTpiYg", "Basic /////w==", "Basic YQo6Yg==", "Basic YTpi YTpi"})
        EXPECT_FALSE(parse_basic(text)) << text;
}

ShownCredentials read(std::string_view authorization, std::string_view body, ClientCredentials& credentials)
{
    std::vector<http::Field> fields;
    if (!authorization.empty()) fields.push_back({"authorization", authorization});
    http::Request const request{.fields = fields};
    return read_client_credentials(request, Form::parse(body).value(), credentials);
}

TEST(ClientCredentials, come_from_basic_or_body_but_not_from_two_clients)
{
    ClientCredentials shown;
    EXPECT_EQ(read("", "", shown), ShownCredentials::none);
    EXPECT_EQ(read("", "client_id=a", shown), ShownCredentials::present);
    EXPECT_EQ(shown.secret, "");
    EXPECT_EQ(read("", "client_id=a&client_secret=s", shown), ShownCredentials::present);
    EXPECT_EQ(shown.secret, "s");
    EXPECT_EQ(read("Basic YTpi", "", shown), ShownCredentials::present);
    EXPECT_EQ(shown.client_id + shown.secret, "ab");
    EXPECT_EQ(read("Basic YTpi", "client_id=a&client_secret=b", shown), ShownCredentials::present);
    EXPECT_EQ(read("Basic YTpi", "client_id=other", shown), ShownCredentials::conflicting);
    EXPECT_EQ(read("Basic YTpi", "client_id=a&client_secret=other", shown), ShownCredentials::conflicting);
    EXPECT_EQ(read("Basic ?", "client_id=a", shown), ShownCredentials::malformed);
    EXPECT_EQ(read("Bearer token", "client_id=a", shown), ShownCredentials::present);
}

} // namespace
} // namespace parley::oauth
