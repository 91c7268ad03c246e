#include "form.hpp"

#include <gtest/gtest.h>

namespace parley::oauth
{
namespace
{

TEST(Form, decodes_names_and_values)
{
    auto const form = Form::parse("a=1&b+c=x%26y&&empty=&flag&%C3%A9=%e2%82%ac");
    ASSERT_TRUE(form);
    EXPECT_EQ(form->value("a"), "1");
    EXPECT_EQ(form->value("b c"), "x&y");
    EXPECT_EQ(form->value("é"), "€");
    EXPECT_FALSE(form->has("empty"));
    EXPECT_TRUE(form->contains("empty"));
    EXPECT_TRUE(form->contains("flag"));
    EXPECT_FALSE(form->contains("nothing"));
}

TEST(Form, refuses_what_is_malformed)
{
    for (auto const* const text : {"a=%", "a=%4", "a=%zz", "%4=1", "a=%FF", "a=%C3", "a=%00", "a=%ED%A0%80"})
        EXPECT_FALSE(Form::parse(text)) << text;
    std::string many;
    for (int i = 0; i < 101; ++i)
        many += "p" + std::to_string(i) + "=1&";
    EXPECT_FALSE(Form::parse(many));
}

TEST(Form, finds_a_doubled_parameter_even_if_one_is_empty_but_not_a_doubled_resource)
{
    EXPECT_EQ(Form::parse("a=1&b=2&a=1")->doubled(), "a");
    EXPECT_EQ(Form::parse("a=1&a=")->doubled(), "a");
    EXPECT_FALSE(Form::parse("a=1&b=1&resource=x&resource=y")->doubled());
}

TEST(Form, merges_only_what_does_not_contradict)
{
    auto const form = Form::parse("a=1&b=2");
    EXPECT_EQ(form->merged_with(*Form::parse("b=2&c=3"))->parameters().size(), 3U);
    EXPECT_FALSE(form->merged_with(*Form::parse("b=3")));
    EXPECT_FALSE(form->merged_with(*Form::parse("b=")));
}

TEST(Form, what_is_appended_is_read_back)
{
    std::string query;
    append_parameter(query, "state", "a b&c=d/é");
    append_parameter(query, "empty", "");
    append_parameter(query, "x y", " ");
    EXPECT_EQ(query, "state=a+b%26c%3Dd%2F%C3%A9&x%20y=+");
    EXPECT_EQ(Form::parse(query)->value("state"), "a b&c=d/é");
}

} // namespace
} // namespace parley::oauth
