#include "parley/rate_limit/limiter.hpp"

#include <gtest/gtest.h>

namespace parley::rate_limit
{
namespace
{

using namespace std::chrono_literals;

TEST(ParseLimit, reads_requests_and_window)
{
    EXPECT_EQ(parse_limit("2000/5m"), (Limit{2000, 300s}));
    EXPECT_EQ(parse_limit("4/20s"), (Limit{4, 20s}));
    EXPECT_EQ(parse_limit("1/h"), (Limit{1, 3600s}));
    EXPECT_EQ(parse_limit("7/d"), (Limit{7, 86'400s}));
    EXPECT_EQ(parse_limit("7/24h"), (Limit{7, 86'400s}));
    EXPECT_EQ(parse_limit("9/s"), (Limit{9, 1s}));
}

TEST(ParseLimit, refuses_everything_else)
{
    for (auto const* text : {"",
                             "/",
                             "5",
                             "5/",
                             "/5m",
                             "0/5m",
                             "-1/5m",
                             "5/0m",
                             "5/-1m",
                             "5/5",
                             "5/5w",
                             "5/2d",
                             "5/25h",
                             "5/86401s",
                             "1.5/5m",
                             " 5/5m",
                             "5/5m ",
                             "5/5 m",
                             "5//5m",
                             "+5/5m",
                             "99999999999999999999/5m",
                             "5/99999999999999999999s"})
        EXPECT_EQ(parse_limit(text), std::nullopt) << text;
}

TEST(ParseLimit, reads_what_to_text_writes)
{
    EXPECT_EQ(to_text(Limit{2000, 300s}), "2000/5m");
    EXPECT_EQ(to_text(Limit{1, 86'400s}), "1/1d");
    EXPECT_EQ(to_text(Limit{1, 90s}), "1/90s");
    for (auto const window : {1s, 59s, 60s, 61s, 3600s, 7200s, 86'400s})
    {
        Limit const limit{3, window};
        EXPECT_EQ(parse_limit(to_text(limit)), limit);
    }
}

} // namespace
} // namespace parley::rate_limit
