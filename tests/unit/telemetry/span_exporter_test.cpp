#include "span_exporter.hpp"

#include <gtest/gtest.h>

namespace parley::telemetry
{
namespace
{

using namespace std::chrono_literals;
using Kind = PostOutcome::Kind;

PostOutcome answered(int status, std::chrono::seconds retry_after = 0s)
{
    return {.kind = Kind::answered, .status = status, .retry_after = retry_after};
}

TEST(ExportVerdict, any_2xx_is_exported)
{
    for (int status : {200, 202, 204})
        EXPECT_TRUE(judge(answered(status), 1, 0).is_exported) << status;
}

TEST(ExportVerdict, only_what_the_specification_names_is_tried_again)
{
    for (int status : {429, 502, 503, 504})
    {
        auto const verdict = judge(answered(status), 1, 0);
        EXPECT_TRUE(verdict.wait) << status;
        EXPECT_TRUE(verdict.dropped.empty()) << status;
        EXPECT_EQ(verdict.failure, status == 429 ? "4xx" : "5xx");
    }
    for (int status : {100, 301, 400, 401, 404, 413, 500, 501})
    {
        auto const verdict = judge(answered(status), 1, 0);
        EXPECT_FALSE(verdict.is_exported) << status;
        EXPECT_FALSE(verdict.wait) << status;
        EXPECT_EQ(verdict.dropped, "refused") << status;
    }
}

TEST(ExportVerdict, a_collector_that_is_away_is_tried_again_a_few_times)
{
    EXPECT_EQ(judge({.kind = Kind::malformed}, 1, 0).dropped, "refused");
    for (auto const kind : {Kind::unreachable, Kind::timed_out})
    {
        for (int attempt = 1; attempt < export_attempts_max; ++attempt)
            EXPECT_TRUE(judge({.kind = kind}, attempt, 0).wait);
        auto const last = judge({.kind = kind}, export_attempts_max, 0);
        EXPECT_FALSE(last.wait);
        EXPECT_EQ(last.dropped, "unreachable");
        EXPECT_EQ(last.failure, kind == Kind::unreachable ? "unreachable" : "timeout");
    }
}

TEST(ExportVerdict, each_wait_is_twice_as_long_and_not_the_same_everywhere)
{
    EXPECT_EQ(judge(answered(503), 1, 0).wait, 500ms);
    EXPECT_EQ(judge(answered(503), 1, 1).wait, 1s);
    EXPECT_EQ(judge(answered(503), 2, 1).wait, 2s);
    EXPECT_EQ(judge(answered(503), 3, 1).wait, 4s);
    EXPECT_EQ(judge(answered(503), 3, 0).wait, 2s);
}

TEST(ExportVerdict, the_collector_may_ask_for_a_longer_pause_within_a_bound)
{
    EXPECT_EQ(judge(answered(429, 7s), 1, 1).wait, 7s);
    EXPECT_EQ(judge(answered(503, 1s), 3, 1).wait, 4s);
    EXPECT_EQ(judge(answered(503, 86'400s), 1, 1).wait, retry_wait_max);
}

} // namespace
} // namespace parley::telemetry
