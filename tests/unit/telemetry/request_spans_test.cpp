#include "request_spans.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <type_traits>
#include <vector>

namespace parley::telemetry
{
namespace
{

using namespace std::chrono_literals;

static_assert(std::is_trivially_copyable_v<RequestSpans>, "keeping one allocates nothing");

TEST(RequestSpans, what_the_caller_sent_is_copied_and_cut_off)
{
    RequestTrace trace{.span_id = "00f067aa0ba902b7", .parent_id = {}, .route = "/api/sessions/", .scheme = "http"};
    RequestSpans spans;
    {
        std::string const method = "GET";
        std::string const request_id(200, 'r');
        std::string const team(100, 't');
        spans = keep({.operation = "session_list",
                      .method = method,
                      .status = 200,
                      .team = team,
                      .request_id = request_id,
                      .trace_id = "0af7651916cd43dd8448eb211c80319c",
                      .trace = &trace},
                     5s);
    } // Now they are gone.
    EXPECT_EQ(spans.method, "GET");
    EXPECT_EQ(spans.request_id.view(), std::string(128, 'r'));
    EXPECT_EQ(spans.team.view(), std::string(64, 't'));
    EXPECT_EQ(spans.began_unix_ns, 5'000'000'000);
}

TEST(RequestSpans, a_method_that_nobody_knows_is_not_kept)
{
    RequestTrace trace{.span_id = "00f067aa0ba902b7"};
    for (auto const* method : {"other", "BREW", "get", ""})
        EXPECT_EQ(keep({.operation = "none", .method = method, .trace = &trace}, 5s).method, "_OTHER") << method;
}

TEST(RequestSpans, each_visit_counts_for_one_span_or_two_up_to_a_bound)
{
    std::vector<StoreVisit> visits(TimeInStore::visits_max + 3, {"session_list", {}, 1ms, 2ms});
    visits[1].sql = 0ms;
    RequestTrace trace{.span_id = "00f067aa0ba902b7"};
    trace.store_visits = {visits.data(), 2};
    EXPECT_EQ(keep({.trace = &trace}, 5s).count(), 4U);
    trace.store_visits = visits;
    EXPECT_EQ(keep({.trace = &trace}, 5s).count(), 1 + 2 * TimeInStore::visits_max - 1);
    trace.store_visits = {};
    EXPECT_EQ(keep({.trace = &trace}, 5s).count(), 1U);
}

TEST(Sampling, none_all_and_about_as_many_as_was_said)
{
    std::mt19937_64 random(7); // NOLINT(cert-msc32-c,cert-msc51-cpp): the same numbers each time.
    int sampled = 0;
    for (int i = 0; i < 100'000; ++i)
    {
        auto const number = random();
        EXPECT_FALSE(is_sampled(number, 0));
        EXPECT_TRUE(is_sampled(number, 1'000'000));
        sampled += is_sampled(number, 100'000) ? 1 : 0;
    }
    EXPECT_NEAR(sampled, 10'000, 500); // Five standard deviations.
}

} // namespace
} // namespace parley::telemetry
