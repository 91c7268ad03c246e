#include "span_queue.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace parley::telemetry
{
namespace
{

using namespace std::chrono_literals;

// A request of one span, or of three.
RequestSpans request(std::size_t spans = 1)
{
    RequestSpans made;
    for (; made.count() < spans; ++made.visits_kept)
        made.visits[made.visits_kept] = {.verb = "session_list", .asked_after_ns = 0, .queue_ns = 1, .sql_ns = 1};
    return made;
}

TEST(SpanQueue, a_full_queue_refuses_at_once)
{
    SpanQueue queue(8);
    EXPECT_TRUE(queue.push(request(3)));
    EXPECT_TRUE(queue.push(request(3)));
    EXPECT_FALSE(queue.push(request(3))) << "there is room for two";
    EXPECT_TRUE(queue.push(request(1)));
    EXPECT_TRUE(queue.push(request(1)));
    EXPECT_FALSE(queue.push(request(1)));
}

TEST(SpanQueue, what_was_taken_counts_until_it_is_settled)
{
    SpanQueue queue(4);
    std::vector<RequestSpans> taken;
    EXPECT_TRUE(queue.push(request(3)));
    EXPECT_TRUE(queue.take(taken, 1, 0ms));
    EXPECT_EQ(taken.size(), 1U);
    EXPECT_FALSE(queue.push(request(3))) << "three are under way";
    EXPECT_TRUE(queue.push(request(1)));
    queue.settle(3);
    EXPECT_TRUE(queue.push(request(3)));
    EXPECT_FALSE(queue.push(request(1)));
}

TEST(SpanQueue, what_waits_is_taken_in_order_and_once)
{
    SpanQueue queue(100);
    std::vector<RequestSpans> taken;
    for (int status = 200; status < 210; ++status)
    {
        auto one = request();
        one.status = status;
        EXPECT_TRUE(queue.push(one));
    }
    EXPECT_TRUE(queue.take(taken, 10, 0ms));
    ASSERT_EQ(taken.size(), 10U);
    for (int i = 0; i < 10; ++i)
        EXPECT_EQ(taken[static_cast<std::size_t>(i)].status, 200 + i);
    EXPECT_TRUE(queue.take(taken, 1, 0ms));
    EXPECT_TRUE(taken.empty());
}

TEST(SpanQueue, a_closed_queue_gives_what_it_has_and_takes_nothing)
{
    SpanQueue queue(100);
    std::vector<RequestSpans> taken;
    EXPECT_TRUE(queue.push(request()));
    queue.close();
    EXPECT_FALSE(queue.push(request()));
    EXPECT_FALSE(queue.rest(1h)) << "there is no rest any more";
    EXPECT_TRUE(queue.take(taken, 1000, 1h));
    EXPECT_EQ(taken.size(), 1U);
    EXPECT_FALSE(queue.take(taken, 1000, 1h));
}

TEST(SpanQueue, many_threads_never_fill_it_beyond_its_bound_and_lose_nothing)
{
    constexpr std::size_t bound = 64;
    SpanQueue queue(bound);
    std::atomic<int> pushed = 0;
    std::atomic<int> refused = 0;
    std::vector<std::thread> threads;
    threads.reserve(4);
    for (int t = 0; t < 4; ++t)
        threads.emplace_back(
            [&]
            {
                for (int i = 0; i < 5'000; ++i)
                    queue.push(request()) ? ++pushed : ++refused;
            });
    std::size_t seen = 0;
    std::vector<RequestSpans> taken;
    std::thread taker(
        [&]
        {
            while (queue.take(taken, 16, 1ms))
            {
                EXPECT_LE(taken.size(), bound);
                seen += taken.size();
                queue.settle(taken.size());
            }
        });
    for (auto& thread : threads)
        thread.join();
    queue.close();
    taker.join();
    EXPECT_EQ(seen, static_cast<std::size_t>(pushed));
    EXPECT_EQ(pushed + refused, 20'000);
}

} // namespace
} // namespace parley::telemetry
