#include "request_identity.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace parley::pipeline
{
namespace
{

constexpr auto good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

TEST(Traceparent, a_valid_one_is_read)
{
    auto const context = parse_traceparent(good);
    EXPECT_EQ(context.trace_id, "0af7651916cd43dd8448eb211c80319c");
    EXPECT_EQ(context.parent_id, "b7ad6b7169203331");
    EXPECT_EQ(context.flags, "01");
}

TEST(Traceparent, the_lowest_flag_says_whether_spans_are_wanted)
{
    for (auto const* flags : {"01", "03", "ff", "0b"})
        EXPECT_TRUE(is_sampled({.trace_id = {}, .parent_id = {}, .flags = flags})) << flags;
    for (auto const* flags : {"00", "02", "fe", "10", ""})
        EXPECT_FALSE(is_sampled({.trace_id = {}, .parent_id = {}, .flags = flags})) << flags;
}

TEST(Traceparent, a_later_version_may_go_on)
{
    EXPECT_EQ(parse_traceparent("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-else").trace_id,
              "0af7651916cd43dd8448eb211c80319c");
    EXPECT_TRUE(parse_traceparent("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01.what").trace_id.empty());
}

TEST(Traceparent, a_broken_one_is_as_good_as_none)
{
    for (auto const* value :
         {"", "00", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
          "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "00-00000000000000000000000000000000-b7ad6b7169203331-01",
          "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
          "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x", "00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
          "00-0af7651916cd43dd8448eb211c80319g-b7ad6b7169203331-01", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0g"})
        EXPECT_TRUE(parse_traceparent(value).trace_id.empty()) << value;
}

TEST(Traceparent, what_we_make_is_valid_and_new)
{
    auto const context = parse_traceparent(good);
    auto const one = make_traceparent(context, make_span_id());
    auto const two = make_traceparent(context, make_span_id());
    EXPECT_EQ(parse_traceparent(one).trace_id, context.trace_id);
    EXPECT_EQ(parse_traceparent(one).flags, context.flags);
    EXPECT_NE(one, two);
}

TEST(RequestId, ours_are_sane_and_distinct)
{
    std::set<std::string> ids;
    for (int i = 0; i < 1000; ++i)
    {
        auto const id = make_request_id();
        EXPECT_TRUE(is_sane_request_id(id));
        ids.insert(id);
    }
    EXPECT_EQ(ids.size(), 1000U);
}

TEST(RequestId, theirs_are_bounded_in_length_and_letters)
{
    EXPECT_TRUE(is_sane_request_id("aZ09._-"));
    EXPECT_TRUE(is_sane_request_id(std::string(128, 'a')));
    for (auto const& bad :
         {std::string(), std::string(129, 'a'), std::string("a b"), std::string("a\r\nb"), std::string("a/b"), std::string("{}")})
        EXPECT_FALSE(is_sane_request_id(bad)) << bad;
}

} // namespace
} // namespace parley::pipeline
