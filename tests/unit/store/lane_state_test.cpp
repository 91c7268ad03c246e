#include "lane_state.hpp"

#include <gtest/gtest.h>

namespace parley::store
{
namespace
{

TEST(Classify, tells_a_lost_connection_from_a_refused_statement)
{
    EXPECT_EQ(classify("", true), Failure::connection_lost);
    EXPECT_EQ(classify("57P01", false), Failure::connection_lost); // Shut down by an administrator.
    EXPECT_EQ(classify("57P03", false), Failure::connection_lost); // Starting up.
    EXPECT_EQ(classify("25006", false), Failure::read_only);       // A standby by now.
    EXPECT_EQ(classify("08006", false), Failure::connection_lost);
    EXPECT_EQ(classify("53300", false), Failure::resources); // One connection too many is not a lost one.
    EXPECT_EQ(classify("53100", false), Failure::resources);
    EXPECT_EQ(classify("40001", false), Failure::conflict);
    EXPECT_EQ(classify("40P01", false), Failure::conflict);
    EXPECT_EQ(classify("57014", false), Failure::cancelled);
    EXPECT_EQ(classify("22021", false), Failure::input);
    EXPECT_EQ(classify("23505", false), Failure::input);
    EXPECT_EQ(classify("54000", false), Failure::input);
    EXPECT_EQ(classify("42P01", false), Failure::unexpected);
    EXPECT_EQ(classify("", false), Failure::unexpected);
}

TEST(AfterFailure, a_lost_read_is_run_again_and_a_lost_write_is_looked_after)
{
    EXPECT_EQ(after_failure(Failure::connection_lost, {.is_write = false}), AfterFailure::run_again);
    EXPECT_EQ(after_failure(Failure::connection_lost, {.is_write = true}), AfterFailure::look_first);
    EXPECT_EQ(after_failure(Failure::connection_lost, {.is_write = true, .attempts = 99}), AfterFailure::look_first)
        << "its fate is never guessed";
    EXPECT_EQ(after_failure(Failure::connection_lost, {.is_write = false, .attempts = attempts_max}), AfterFailure::give_up);
}

TEST(AfterFailure, what_may_be_one_jobs_fault_is_run_one_by_one)
{
    EXPECT_EQ(after_failure(Failure::input, {.jobs = 2}), AfterFailure::retry_alone);
    EXPECT_EQ(after_failure(Failure::input, {.jobs = 1}), AfterFailure::give_up);
    EXPECT_EQ(after_failure(Failure::unexpected, {.jobs = 2}), AfterFailure::retry_alone);
    EXPECT_EQ(after_failure(Failure::cancelled, {.jobs = 2}), AfterFailure::retry_alone);
    EXPECT_EQ(after_failure(Failure::cancelled, {.jobs = 1}), AfterFailure::run_again);
}

TEST(AfterFailure, what_a_read_only_server_refused_was_not_done_and_is_run_again_elsewhere)
{
    EXPECT_EQ(after_failure(Failure::read_only, {.is_write = true, .jobs = 9, .attempts = 1}), AfterFailure::run_again);
    EXPECT_EQ(after_failure(Failure::read_only, {.is_write = true, .jobs = 9, .attempts = attempts_max}), AfterFailure::give_up);
}

TEST(AfterFailure, conflicts_are_repeated_a_few_times_and_exhaustion_never)
{
    EXPECT_EQ(after_failure(Failure::conflict, {.is_write = true, .jobs = 9, .attempts = 1}), AfterFailure::run_again);
    EXPECT_EQ(after_failure(Failure::conflict, {.is_write = true, .jobs = 9, .attempts = attempts_max}), AfterFailure::give_up);
    EXPECT_EQ(after_failure(Failure::resources, {.is_write = true, .jobs = 9}), AfterFailure::give_up);
}

TEST(Backoff, doubles_up_to_a_bound_and_is_shaken)
{
    Backoff backoff;
    EXPECT_EQ(backoff.next(1).count(), 50);
    EXPECT_EQ(backoff.next(1).count(), 100);
    EXPECT_EQ(backoff.next(0).count(), 100); // Half of 200.
    for (int i = 0; i < 20; ++i)
        EXPECT_LE(backoff.next(1), Backoff::longest);
    EXPECT_EQ(backoff.next(1), Backoff::longest);
    backoff.reset();
    EXPECT_EQ(backoff.next(1), Backoff::shortest);
}

TEST(Breaker, a_server_that_hangs_is_away_until_something_is_heard)
{
    Breaker breaker;
    EXPECT_EQ(breaker.connected(), std::nullopt);
    EXPECT_EQ(breaker.is_silent(false), std::nullopt);
    EXPECT_EQ(breaker.is_silent(true), true) << "though a lane is connected";
    EXPECT_EQ(breaker.is_silent(true), std::nullopt) << "told once";
    EXPECT_EQ(breaker.is_silent(false), false);
    EXPECT_EQ(breaker.is_silent(true), true);
    breaker.lost();
    EXPECT_EQ(breaker.attempt_failed(), std::nullopt) << "it is away already";
    EXPECT_EQ(breaker.is_silent(false), std::nullopt) << "the attempt has failed all the same";
    EXPECT_EQ(breaker.connected(), false);
}

TEST(Breaker, opens_only_when_no_lane_is_connected_and_an_attempt_has_failed)
{
    Breaker breaker;
    EXPECT_FALSE(breaker.is_away()) << "before the first attempt nothing is known";
    EXPECT_EQ(breaker.connected(), std::nullopt);
    EXPECT_EQ(breaker.connected(), std::nullopt);
    breaker.lost();
    EXPECT_EQ(breaker.attempt_failed(), std::nullopt) << "the other lane still serves";
    breaker.lost();
    EXPECT_FALSE(breaker.is_away()) << "a lane is about to try";
    EXPECT_EQ(breaker.attempt_failed(), true);
    EXPECT_EQ(breaker.attempt_failed(), std::nullopt) << "told once";
    EXPECT_EQ(breaker.connected(), false);
    EXPECT_FALSE(breaker.is_away());
}

} // namespace
} // namespace parley::store
