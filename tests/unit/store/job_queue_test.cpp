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
