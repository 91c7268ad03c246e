// The parameters of a query string.
#include "parley/routing/route_table.hpp"

#include <gtest/gtest.h>

#include <string>

namespace parley::routing
{
namespace
{

std::string read(std::string_view query)
{
    std::string text;
    for (QueryParameter const& parameter : parse_query(query))
        text.append("[").append(parameter.name).append("|").append(parameter.value).append("]");
    return text;
}

TEST(Query, parameters_come_in_order_with_repetitions)
{
    EXPECT_EQ(read("a=1&a=2&b"), "[a|1][a|2][b|]");
    EXPECT_EQ(read("tags=vip&page_size=5&tags=x"), "[tags|vip][page_size|5][tags|x]");
}

TEST(Query, nothing_between_ampersands_is_no_parameter)
{
    EXPECT_EQ(read(""), "");
    EXPECT_EQ(read("&&"), "");
    EXPECT_EQ(read("&a=1&&b=2&"), "[a|1][b|2]");
}

TEST(Query, only_the_first_equals_sign_divides)
{
    EXPECT_EQ(read("a=b=c"), "[a|b=c]");
    EXPECT_EQ(read("=x"), "[|x]");
    EXPECT_EQ(read("="), "[|]");
}

TEST(Query, a_semicolon_is_no_separator)
{
    EXPECT_EQ(read("a=1;b=2"), "[a|1;b=2]");
}

TEST(Query, a_plus_is_a_space_and_percent_is_decoded)
{
    EXPECT_EQ(read("a+b=+5"), "[a b| 5]");
    EXPECT_EQ(read("a=%2B5&%61=%26%3D"), "[a|+5][a|&=]");
    EXPECT_EQ(read("a=%&b=%4&c=%zz"), "[a|%][b|%4][c|%zz]");
}

TEST(Query, what_is_not_utf8_becomes_a_replacement_character)
{
    EXPECT_EQ(read("a=%ff"), "[a|\uFFFD]");
    EXPECT_EQ(read("a=x%c3y"), "[a|x\uFFFDy]");
    EXPECT_EQ(read("a=%e2%82"), "[a|\uFFFD]"); // One for a sequence that breaks off.
    EXPECT_EQ(read("a=%f0%9f%98x"), "[a|\uFFFDx]");
    EXPECT_EQ(read("a=%ed%a0%80"), "[a|\uFFFD\uFFFD\uFFFD]"); // A surrogate: one for each byte.
    EXPECT_EQ(read("a=%c0%af"), "[a|\uFFFD\uFFFD]");
    EXPECT_EQ(read("a=%C3%BC"), "[a|ü]");
}

TEST(Query, no_more_than_a_thousand_parameters_are_read)
{
    std::string query;
    for (int i = 0; i < 1200; ++i)
        query += "a=1&";
    EXPECT_EQ(parse_query(query).size(), 1000u);
}

} // namespace
} // namespace parley::routing
