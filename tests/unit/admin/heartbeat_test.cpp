#include "parley/admin/heartbeat.hpp"

#include <gtest/gtest.h>

namespace parley::admin
{

namespace
{

using namespace std::chrono_literals;

TEST(Heartbeat, a_loop_that_turns_beats_and_one_that_does_not_falls_silent)
{
    boost::asio::io_context context;
    auto const born = Heartbeat::clock::now();
    Heartbeat heartbeat(context, {.interval = 1ms, .silence_max = 10'000ms});
    heartbeat.start();
    EXPECT_TRUE(heartbeat.is_beating(born + 9'999ms));
    for (int i = 0; i < 5; ++i)
        context.run_one();
    EXPECT_TRUE(heartbeat.is_beating());
    EXPECT_TRUE(heartbeat.is_beating(born + 10'001ms)) << "the beats have moved the end";
    EXPECT_FALSE(heartbeat.is_beating(Heartbeat::clock::now() + 10'001ms));
}

TEST(Heartbeat, a_thread_that_never_came_is_silent_in_the_end)
{
    boost::asio::io_context context;
    Heartbeat heartbeat(context, {.silence_max = 10'000ms});
    heartbeat.start();
    EXPECT_FALSE(heartbeat.is_beating(Heartbeat::clock::now() + 10'001ms));
}

TEST(Heartbeat, stopped_it_keeps_no_loop_running)
{
    boost::asio::io_context context;
    {
        Heartbeat heartbeat(context, {.interval = 1ms});
        heartbeat.start();
        heartbeat.stop();
    }
    context.run_for(5s);
    EXPECT_TRUE(context.stopped());
}

} // namespace

} // namespace parley::admin
