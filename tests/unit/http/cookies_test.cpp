#include "parley/http/cookies.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace parley::http
{
namespace
{

std::optional<std::string> find(std::vector<std::string> const& values, std::string_view name)
{
    std::vector<Field> fields{{"Host", "x"}};
    for (auto const& value : values)
        fields.push_back({"cookie", value});
    Request const request{.fields = fields};
    auto const found = find_cookie(request, name);
    return found ? std::optional<std::string>(*found) : std::nullopt;
}

TEST(Cookies, the_first_of_a_name_is_found_over_all_fields)
{
    EXPECT_EQ(find({"a=1; b=2", "c=3"}, "b"), "2");
    EXPECT_EQ(find({"a=1; b=2", "c=3; b=4"}, "c"), "3");
    EXPECT_EQ(find({"b=2; b=4"}, "b"), "2");
    EXPECT_EQ(find({"b=\"2\""}, "b"), "2");
    EXPECT_EQ(find({"b="}, "b"), "");
    EXPECT_EQ(find({"a=1;b=x=y"}, "b"), "x=y");
    EXPECT_EQ(find({}, "b"), std::nullopt);
    EXPECT_EQ(find({"B=2; bb=3; b"}, "b"), std::nullopt);
}

TEST(Cookies, a_value_that_no_cookie_can_have_is_passed_over)
{
    for (auto const* const text : {"b=a b", "b=a,b", "b=a\\b", "b=a\"b", "b=\xC3\xA9", "b=a\tb"})
        EXPECT_EQ(find({text}, "b"), std::nullopt) << text;
}

TEST(Cookies, no_more_than_a_hundred_are_read)
{
    std::string many;
    for (int i = 0; i < 100; ++i)
        many += "a=1; ";
    EXPECT_EQ(find({many + "b=2"}, "b"), std::nullopt);
}

TEST(Cookies, are_set_for_this_site_only)
{
    EXPECT_EQ(to_set_cookie({.name = "sessionid", .value = "v", .lifetime = std::chrono::seconds(60)}),
              "sessionid=v; Path=/; Max-Age=60; HttpOnly; Secure; SameSite=Lax");
    EXPECT_EQ(to_set_cookie({.name = "c", .value = "v", .readable = Readable::by_scripts, .is_secure = false}),
              "c=v; Path=/; SameSite=Lax");
}

} // namespace
} // namespace parley::http
