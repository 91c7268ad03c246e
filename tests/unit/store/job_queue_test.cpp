#include "job_queue.hpp"

#include "jobs.hpp"

#include <gtest/gtest.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <array>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

namespace parley::store
{
namespace
{

class JobQueueTest : public ::testing::Test
{
  protected:
    JobPtr write(std::string id, Verb verb = Verb::session_update_state)
    {
        return prepared(new ChangeJob(verb, 1, std::move(id), {}, Deadline::never()));
    }
    JobPtr read(std::string id) { return prepared(new RetrieveJob(1, std::move(id), Deadline::never())); }
    JobPtr list(int page_size) { return prepared(new ListJob({.team_id = 1, .page_size = page_size}, Deadline::never())); }
    JobPtr push(JobPtr job)
    {
        queue_.push_or_refuse(job);
        return job;
    }
    static std::string id_of(JobPtr const& job) { return static_cast<ChangeJob&>(*job).id; }
    static ProblemCode problem_of(JobPtr const& job)
    {
        auto const answer = static_cast<ChangeJob&>(*job).take_answer();
        return answer ? ProblemCode{} : answer.error().code;
    }

    boost::asio::io_context context_;
    telemetry::Telemetry telemetry_{{.log_level = "off", .log_queue_lines_max = 16, .log_file = {}}};
    JobQueue queue_{{.queue_jobs_max = 6, .batch_jobs_max = 4, .batch_weight_max = 100}, telemetry_};

  private:
    JobPtr prepared(Job* job)
    {
        job->executor = context_.get_executor();
        return JobPtr(job);
    }
};

TEST_F(JobQueueTest, the_verb_that_has_waited_longest_goes_with_all_that_fits)
{
    push(read("a"));
    push(write("b"));
    push(read("c"));
    auto const first = queue_.take();
    EXPECT_EQ(first->verb, Verb::session_retrieve);
    EXPECT_EQ(first->jobs.size(), 2U);
    EXPECT_EQ(queue_.take()->verb, Verb::session_update_state);
}

TEST_F(JobQueueTest, a_batch_is_bounded_by_jobs_and_by_weight)
{
    for (int i = 0; i < 6; ++i)
        push(read(std::to_string(i)));
    EXPECT_EQ(queue_.take()->jobs.size(), 4U);
    EXPECT_EQ(queue_.take()->jobs.size(), 2U);
    push(list(59));
    push(list(59));
    EXPECT_EQ(queue_.take()->jobs.size(), 1U) << "two of 60 rows are more than 100";
    push(list(500));
    EXPECT_EQ(queue_.take()->jobs.size(), 1U);
    EXPECT_EQ(queue_.take()->jobs.size(), 1U) << "what is too heavy for any batch runs alone";
}

TEST_F(JobQueueTest, lists_of_different_forms_do_not_share_a_statement)
{
    push(list(10));
    push(list(20));
    push(list(10));
    EXPECT_EQ(queue_.take()->jobs.size(), 2U);
    EXPECT_EQ(queue_.take()->jobs.size(), 1U);
}

TEST_F(JobQueueTest, a_session_is_written_to_by_one_batch_at_a_time_and_in_order)
{
    auto const first = push(write("s"));
    auto const second = push(write("s"));
    auto const third = push(write("s", Verb::session_end_experiment_session));
    push(write("t"));
    auto const batch = queue_.take();
    ASSERT_EQ(batch->jobs.size(), 2U);
    EXPECT_EQ(batch->jobs[0], first);
    EXPECT_EQ(id_of(batch->jobs[1]), "t");

    push(write("u"));
    EXPECT_EQ(id_of(queue_.take()->jobs.front()), "u") << "what is free overtakes what is not";
    queue_.finished(batch->jobs);
    EXPECT_EQ(queue_.take()->jobs.front(), second);
    queue_.finished({second});
    EXPECT_EQ(queue_.take()->jobs.front(), third);
}

TEST_F(JobQueueTest, a_full_queue_refuses_and_others_are_not_concerned)
{
    for (int i = 0; i < 6; ++i)
        push(write(std::to_string(i)));
    auto const refused = push(write("too many"));
    EXPECT_TRUE(refused->is_settled());
    EXPECT_EQ(problem_of(refused), ProblemCode::store_overloaded);
    EXPECT_FALSE(push(write("other verb", Verb::session_end_experiment_session))->is_settled());
}

// A queue whose batches of four take 20 ms each, as far as it knows.
class SlowQueueTest : public JobQueueTest
{
  protected:
    SlowQueueTest()
    {
        for (int i = 0; i < 60; ++i)
        {
            for (int job = 0; job < 4; ++job)
                slow_.push_or_refuse(write(std::to_string(job)));
            run_one();
        }
    }
    void run_one()
    {
        auto const batch = slow_.take();
        slow_.finished(batch->jobs);
        slow_.has_run(batch->verb, batch->jobs.size(),
                      {.took = std::chrono::milliseconds(20), .others_stayed = batch->others_stay});
    }
    JobPtr push(JobPtr job)
    {
        slow_.push_or_refuse(job);
        return job;
    }

    JobQueue slow_{{.queue_jobs_max = 1000, .batch_jobs_max = 4, .wait_max = std::chrono::milliseconds(30), .gather_for = {}},
                   telemetry_};
};

TEST_F(SlowQueueTest, what_would_wait_too_long_is_refused_at_once_and_can_be_told_before)
{
    std::vector<JobPtr> jobs;
    for (int i = 0; i < 6; ++i) // A job and a half of these 20 ms may wait.
        jobs.push_back(push(write(std::to_string(i))));
    EXPECT_FALSE(slow_.is_slow());
    jobs.push_back(push(write("one more")));
    EXPECT_FALSE(jobs.back()->is_settled());
    EXPECT_TRUE(slow_.is_slow());
    auto const refused = push(write("too late"));
    ASSERT_TRUE(refused->is_settled());
    EXPECT_EQ(problem_of(refused), ProblemCode::store_overloaded);
    run_one();
    EXPECT_FALSE(slow_.is_slow());
    EXPECT_FALSE(push(write("in time"))->is_settled());
}

TEST_F(SlowQueueTest, a_batch_of_another_verb_may_wait_all_the_same)
{
    for (int i = 0; i < 20; ++i)
        push(write(std::to_string(i)));
    EXPECT_TRUE(slow_.is_slow());
    EXPECT_FALSE(push(read("a"))->is_settled());
}

TEST_F(SlowQueueTest, of_what_runs_one_at_a_time_as_many_may_wait)
{
    for (int i = 0; i < 60; ++i)
    {
        slow_.push_or_refuse(write("a", Verb::chat_change));
        run_one();
    }
    std::vector<JobPtr> jobs;
    for (int i = 0; i < 5; ++i)
        jobs.push_back(push(write("a", Verb::chat_change)));
    EXPECT_FALSE(jobs[3]->is_settled());
    EXPECT_TRUE(jobs[4]->is_settled());
}

TEST_F(SlowQueueTest, when_nothing_waits_any_more_the_queue_is_not_slow)
{
    for (int i = 0; i < 20; ++i)
        push(write(std::to_string(i)));
    slow_.set_away(true);
    EXPECT_FALSE(slow_.is_slow());
}

TEST_F(JobQueueTest, a_burst_is_taken_in_while_batches_are_quick)
{
    QueueSettings const settings{.batch_jobs_max = 4, .wait_max = std::chrono::milliseconds(30)};
    JobQueue queue(settings, telemetry_);
    queue.push_or_refuse(write("a"));
    auto const batch = queue.take();
    queue.has_run(batch->verb, 1, {.took = std::chrono::microseconds(100)});
    for (int i = 0; i < 1000; ++i)
        queue.push_or_refuse(write(std::to_string(i)));
    EXPECT_EQ(queue.size(), 1000U);
}

TEST(Pace, one_batch_that_stood_still_is_believed_only_in_part)
{
    Pace pace;
    for (int i = 0; i < 50; ++i)
        pace.learn(64, 1000);
    pace.learn(64, 1'000'000);
    EXPECT_LT(pace.time_of(64), std::chrono::milliseconds(2));
    for (int i = 0; i < 100; ++i)
        pace.learn(64, 1'000'000);
    EXPECT_GT(pace.time_of(64), std::chrono::milliseconds(900));
}

TEST(Pace, small_batches_make_the_same_jobs_take_longer)
{
    Pace large;
    Pace small;
    for (int i = 0; i < 50; ++i)
    {
        large.learn(64, 1000);
        small.learn(2, 1000);
    }
    EXPECT_GT(small.time_of(64), 20 * large.time_of(64));
}

TEST_F(JobQueueTest, how_full_the_fullest_queue_is_can_be_seen)
{
    for (int i = 0; i < 3; ++i)
        push(write(std::to_string(i)));
    push(read("of another verb"));
    queue_.measure();
    auto const text = telemetry_.expose();
    EXPECT_NE(text.find("\nparley_store_queue_jobs 3\n"), std::string::npos);
    EXPECT_NE(text.find("\nparley_store_queue_jobs_max 6\n"), std::string::npos);
}

TEST_F(JobQueueTest, while_the_database_is_away_everything_is_refused_at_once)
{
    auto const waiting = push(write("waiting"));
    queue_.set_away(true);
    EXPECT_EQ(problem_of(waiting), ProblemCode::store_unavailable);
    EXPECT_EQ(problem_of(push(write("new"))), ProblemCode::store_unavailable);
    auto const back = write("back");
    queue_.put_back({back});
    EXPECT_EQ(problem_of(back), ProblemCode::store_unavailable);
    queue_.set_away(false);
    EXPECT_FALSE(push(write("again"))->is_settled());
}

TEST_F(JobQueueTest, expired_jobs_are_taken_out)
{
    auto const now = std::chrono::steady_clock::now();
    auto const job = push(write("old"));
    job->deadline = Deadline::at(now);
    push(write("young"));
    auto const expired = queue_.take_expired(now);
    ASSERT_EQ(expired.size(), 1U);
    EXPECT_EQ(expired[0], job);
    EXPECT_EQ(queue_.size(), 1U);
}

TEST_F(JobQueueTest, stopping_lets_the_queue_run_empty_and_refuses_what_comes)
{
    push(write("waiting"));
    queue_.stop();
    EXPECT_EQ(problem_of(push(write("late"))), ProblemCode::draining);
    EXPECT_TRUE(queue_.take());
    EXPECT_FALSE(queue_.take());
}

TEST_F(JobQueueTest, a_waiting_lane_is_woken)
{
    std::optional<Batch> taken;
    std::thread lane([&] { taken = queue_.take(); });
    push(write("x"));
    lane.join();
    EXPECT_EQ(taken->jobs.size(), 1U);
}

TEST_F(JobQueueTest, jobs_gather_for_the_lane_that_runs_their_verb)
{
    QueueSettings const settings{.batch_jobs_max = 4, .join_after = std::chrono::hours(1)};
    JobQueue queue(settings, telemetry_);
    queue.push_or_refuse(read("a"));
    auto const first = queue.take();
    queue.push_or_refuse(read("b"));
    queue.push_or_refuse(write("c"));
    EXPECT_EQ(queue.take()->verb, Verb::session_update_state) << "what nobody runs is taken at once, though it came later";
    queue.push_or_refuse(read("d"));
    queue.has_run(first->verb, first->jobs.size());
    EXPECT_EQ(queue.take()->jobs.size(), 2U);
}

TEST_F(JobQueueTest, another_lane_joins_when_a_full_batch_waits)
{
    QueueSettings const settings{.batch_jobs_max = 2, .join_after = std::chrono::hours(1)};
    JobQueue queue(settings, telemetry_);
    queue.push_or_refuse(read("a"));
    (void)queue.take();
    std::optional<Batch> taken;
    std::thread lane([&] { taken = queue.take(); });
    queue.push_or_refuse(read("b"));
    queue.push_or_refuse(read("c"));
    lane.join();
    EXPECT_EQ(taken->jobs.size(), 2U);
}

TEST_F(JobQueueTest, another_lane_joins_when_a_job_has_waited_long_enough)
{
    queue_.push_or_refuse(read("a"));
    (void)queue_.take();
    std::optional<Batch> taken;
    std::thread lane([&] { taken = queue_.take(); });
    queue_.push_or_refuse(read("b"));
    lane.join();
    EXPECT_EQ(taken->jobs.size(), 1U);
}

TEST_F(JobQueueTest, jobs_that_share_no_statement_do_not_gather)
{
    QueueSettings const settings{.join_after = std::chrono::hours(1)};
    JobQueue queue(settings, telemetry_);
    queue.push_or_refuse(write("a", Verb::chat_change));
    (void)queue.take();
    queue.push_or_refuse(write("b", Verb::chat_change));
    EXPECT_EQ(queue.take()->jobs.size(), 1U);
}

TEST_F(JobQueueTest, after_a_batch_of_several_the_next_waits_for_as_many)
{
    QueueSettings const settings{.batch_jobs_max = 4, .gather_for = std::chrono::hours(1)}; // Two are always enough.
    JobQueue queue(settings, telemetry_);
    queue.push_or_refuse(read("a"));
    queue.push_or_refuse(read("b"));
    auto const first = queue.take();
    queue.has_run(first->verb, first->jobs.size());
    std::optional<Batch> taken;
    std::thread lane([&] { taken = queue.take(); });
    queue.push_or_refuse(read("c"));
    queue.push_or_refuse(read("d"));
    lane.join();
    EXPECT_EQ(taken->jobs.size(), 2U);
}

TEST(Gathering, a_few_more_than_came_are_hoped_for_up_to_a_bound)
{
    Gathering gathering;
    gathering.learn(8, 32);
    EXPECT_EQ(gathering.expected, 10U);
    for (int i = 0; i < 20; ++i)
        gathering.learn(gathering.expected, 32);
    EXPECT_EQ(gathering.expected, 32U);
}

TEST(Gathering, what_did_not_come_is_not_waited_for_again_soon)
{
    Gathering gathering;
    gathering.learn(8, 32);
    gathering.learn(8, 32);
    EXPECT_EQ(gathering.expected, 8U);
    for (int i = 0; i < 31; ++i)
        gathering.learn(8, 32);
    EXPECT_EQ(gathering.expected, 8U);
    gathering.learn(8, 32);
    EXPECT_GT(gathering.expected, 8U);
}

TEST(Gathering, who_comes_alone_waits_for_nobody)
{
    Gathering gathering;
    gathering.learn(1, 32);
    EXPECT_EQ(gathering.expected, 1U);
    gathering.learn(20, 32);
    gathering.learn(1, 32);
    EXPECT_EQ(gathering.expected, 1U);
}

TEST_F(JobQueueTest, after_a_batch_of_several_a_single_job_does_not_wait_for_ever)
{
    push(read("a"));
    push(read("b"));
    auto const first = queue_.take();
    queue_.has_run(first->verb, first->jobs.size());
    push(read("c"));
    EXPECT_EQ(queue_.take()->jobs.size(), 1U);
}

// The lane that waited for others to gather takes something else, which may take it long.
TEST_F(JobQueueTest, what_gathers_is_looked_after_by_another_lane)
{
    QueueSettings const settings{.join_after = std::chrono::hours(1), .gather_for = std::chrono::milliseconds(200)};
    JobQueue queue(settings, telemetry_);
    queue.push_or_refuse(std::vector<JobPtr>{read("a"), read("b")});
    auto const several = queue.take();
    queue.has_run(several->verb, several->jobs.size());
    std::array<std::optional<Batch>, 2> taken;
    std::vector<std::thread> lanes;
    for (auto& batch : taken) // The first one waits for reads to gather, the second for anything.
    {
        lanes.emplace_back([&] { batch = queue.take(); });
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    queue.push_or_refuse(read("c"));
    queue.push_or_refuse(write("d"));
    std::thread bound(
        [&]
        {
            std::this_thread::sleep_for(std::chrono::seconds(2));
            queue.stop();
        });
    for (auto& lane : lanes)
        lane.join();
    auto const ended = std::chrono::steady_clock::now();
    bound.join();
    ASSERT_TRUE(taken[0] && taken[1]);
    auto const waited = ended - std::max(taken[0]->jobs.front()->queued, taken[1]->jobs.front()->queued);
    EXPECT_LT(waited, std::chrono::milliseconds(1500)) << "until the queue was stopped";
}

TEST_F(JobQueueTest, a_job_that_comes_alone_is_taken_at_once)
{
    QueueSettings const settings{.join_after = std::chrono::hours(1), .gather_for = std::chrono::hours(1)};
    JobQueue queue(settings, telemetry_);
    for (int i = 0; i < 3; ++i)
    {
        queue.push_or_refuse(read("a"));
        auto const batch = queue.take();
        queue.has_run(batch->verb, batch->jobs.size());
    }
}

boost::asio::awaitable<void> wait_for(Job& job, JobQueue& queue)
{
    co_await hand_over(job, queue);
}

TEST_F(JobQueueTest, what_one_turn_of_a_thread_hands_over_arrives_together)
{
    std::optional<Batch> taken;
    std::thread lane([&] { taken = queue_.take(); });
    std::vector<JobPtr> jobs;
    for (int i = 0; i < 4; ++i)
    {
        jobs.push_back(read(std::to_string(i)));
        boost::asio::co_spawn(context_, wait_for(*jobs.back(), queue_), boost::asio::detached);
    }
    context_.poll();
    lane.join();
    EXPECT_EQ(taken->jobs, jobs);
    for (auto const& job : jobs)
    {
        EXPECT_TRUE(job->settle());
        job->write_problem(Problem{ProblemCode::internal});
    }
    post_answers(taken->jobs);
    context_.run();
}

TEST_F(JobQueueTest, a_job_is_settled_once)
{
    auto const job = read("x");
    EXPECT_TRUE(job->settle());
    EXPECT_FALSE(job->settle());
}

} // namespace
} // namespace parley::store
