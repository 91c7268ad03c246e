// What callers see when the database is slow, away, or comes back, and that nothing acknowledged is lost or doubled. Each test
// has a server of its own, since it stops, kills or freezes it.
#include "integration/store/store_world.hpp"

#include <atomic>

namespace parley::store
{
namespace
{

using std::chrono::steady_clock;
using namespace std::chrono_literals;

std::string migrate_and_seed(std::string url)
{
    SystemClock const clock;
    migrate(url, clock);
    support::execute_sql(url, "insert into team (id, slug, name, created_at) values (1, 'alpha', 'Alpha', now()); insert into "
                              "experiment (id, team_id, name, "
                              "created_at) values ('00000000-0000-4000-8000-0000000000a1', 1, 'Bot', now())");
    return url;
}

struct OwnServer
{
    support::PostgresServer server{};
    std::string url = migrate_and_seed(server.create_database("parley"));
};

class StoreFailureTest : public StoreTest
{
  protected:
    template <class T>
    static T run_on(StoreUnderTest& store, boost::asio::awaitable<T> coroutine)
    {
        return store.run(std::move(coroutine));
    }
};

TEST_F(StoreFailureTest, a_full_queue_refuses_at_once)
{
    auto settings = settings_for(url_);
    settings.queue_jobs_max = 4;
    settings.lanes = 1;
    StoreUnderTest store(settings);
    ASSERT_TRUE(store.store().wait_until_up(5s));
    ASSERT_TRUE(run_on(store, store.sessions().create(a_session("full"), soon())));
    Connection blocker({.database_url = url_});
    std::vector<std::function<boost::asio::awaitable<Result<void>>()>> calls;
    for (int i = 0; i < 20; ++i)
        calls.emplace_back(
            [&store]
            { return store.sessions().update_state(alpha, "full", {"1"}, at("2026-02-02T00:00:00Z"), Deadline::after(2s)); });
    auto const began = steady_clock::now();
    std::atomic<steady_clock::rep> slowest_refusal{0};
    std::vector<Result<void>> results;
    {
        Connection::Transaction const transaction(blocker);
        blocker.execute("update session set state = state where id = 'full'");
        std::thread letter(
            [&]
            {
                std::this_thread::sleep_for(1s);
                blocker.execute("rollback");
            });
        results = store.run_all(calls);
        letter.join();
    }
    auto const refused =
        std::ranges::count_if(results, [](auto const& result) { return code_of(result) == ProblemCode::store_overloaded; });
    EXPECT_GE(refused, 10);
    EXPECT_LE(refused, 16);
    EXPECT_LT(steady_clock::now() - began, 10s);
}

TEST_F(StoreFailureTest, a_job_past_its_deadline_is_not_run)
{
    ASSERT_TRUE(run(sessions().create(a_session("late"), soon())));
    EXPECT_EQ(code_of(run(sessions().end(alpha, "late", at("2026-02-02T00:00:00Z"), Deadline::at(steady_clock::now() - 1ms)))),
              ProblemCode::deadline_passed);
    EXPECT_EQ(run(sessions().retrieve(alpha, "late", soon()))->session.status, domain::Status::setup);
}

TEST_F(StoreFailureTest, a_read_that_outlives_its_deadline_is_answered_and_cancelled)
{
    auto settings = settings_for(url_);
    settings.lanes = 1;
    StoreUnderTest store(settings);
    ASSERT_TRUE(store.store().wait_until_up(5s));
    ASSERT_TRUE(run_on(store, store.sessions().create(a_session("slow-read"), soon())));
    ASSERT_TRUE(run_on(store, store.sessions().retrieve(alpha, "slow-read", soon())));
    std::this_thread::sleep_for(200ms); // The listener, which sends the cancel request, is up.
    Connection blocker({.database_url = url_});
    Connection::Transaction const transaction(blocker);
    blocker.execute("lock table session in access exclusive mode");
    auto const began = steady_clock::now();
    EXPECT_EQ(code_of(run_on(store, store.sessions().retrieve(alpha, "slow-read", Deadline::after(200ms)))),
              ProblemCode::deadline_passed);
    EXPECT_LT(steady_clock::now() - began, 1s);
    // The only lane is free again although the lock is still held: another verb is served.
    EXPECT_TRUE(run_on(store, store.sessions().check_experiment(alpha, alpha_bot, Deadline::after(3s))));
    EXPECT_LT(steady_clock::now() - began, 2s);
}

// One lane: the first update waits in the database for a lock, the second for the lane.
TEST_F(StoreFailureTest, where_the_time_went_is_noted_for_each_caller)
{
    auto settings = settings_for(url_);
    settings.lanes = 1;
    StoreUnderTest store(settings);
    ASSERT_TRUE(store.store().wait_until_up(5s));
    ASSERT_TRUE(run_on(store, store.sessions().create(a_session("timed"), soon())));
    TimeInStore first;
    TimeInStore second;
    std::vector<std::function<boost::asio::awaitable<Result<void>>()>> calls;
    for (TimeInStore* time : {&first, &second})
        calls.emplace_back(
            [&store, time]
            { return store.sessions().update_state(alpha, "timed", {"1"}, at("2026-02-02T00:00:00Z"), soon().noting(*time)); });
    Connection blocker({.database_url = url_});
    auto transaction = std::make_unique<Connection::Transaction>(blocker);
    blocker.execute("update session set state = state where id = 'timed'");
    std::thread releaser(
        [&]
        {
            std::this_thread::sleep_for(400ms);
            transaction->commit();
        });
    for (auto const& result : store.run_all(calls))
        EXPECT_TRUE(result);
    releaser.join();
    if (first.queue > second.queue) std::swap(first, second);
    EXPECT_LT(first.queue, first.sql);
    EXPECT_GE(first.sql, 300ms);
    EXPECT_GE(second.queue, 300ms) << "jobs of one session go one after the other";
    EXPECT_LT(second.sql, second.queue);

    TimeInStore refused;
    EXPECT_FALSE(
        run_on(store, store.sessions().retrieve(alpha, "timed", Deadline::at(steady_clock::now() - 1ms).noting(refused))));
    EXPECT_EQ(refused.sql, 0ms) << "it was not run";
    TimeInStore twice;
    for (int i = 0; i < 2; ++i)
    {
        auto const before = twice.sql;
        EXPECT_TRUE(run_on(store, store.sessions().retrieve(alpha, "timed", soon().noting(twice))));
        EXPECT_GT(twice.sql, before) << "several questions add up";
    }
}

TEST_F(StoreFailureTest, a_write_waits_for_its_turn_and_is_told_the_truth)
{
    ASSERT_TRUE(run(sessions().create(a_session("slow-write"), soon())));
    Connection blocker({.database_url = url_});
    auto transaction = std::make_unique<Connection::Transaction>(blocker);
    blocker.execute("update session set state = state where id = 'slow-write'");
    std::thread releaser(
        [&]
        {
            std::this_thread::sleep_for(600ms);
            transaction->commit();
        });
    // Longer than the deadline: it was sent, so the answer is what became of it, not a guess.
    EXPECT_TRUE(run(sessions().update_state(alpha, "slow-write", {"2"}, at("2026-02-02T00:00:00Z"), Deadline::after(200ms))));
    releaser.join();
    EXPECT_EQ(run(sessions().retrieve(alpha, "slow-write", soon()))->session.state.text, "2");
}

TEST_F(StoreFailureTest, lanes_come_back_after_their_sessions_were_terminated)
{
    ASSERT_TRUE(run(sessions().create(a_session("terminated"), soon())));
    for (int round = 0; round < 5; ++round)
    {
        sql("select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = 'parley' and datname = "
            "current_database()");
        EXPECT_TRUE(run(sessions().retrieve(alpha, "terminated", soon())));
        EXPECT_TRUE(
            run(sessions().update_state(alpha, "terminated", {std::to_string(round)}, at("2026-02-02T00:00:00Z"), soon())));
    }
}

// Sessions are terminated all the while. A create that succeeded is there once, with its messages, and counted once; one that was
// refused is not there, unless its caller was told that nobody knows.
TEST_F(StoreFailureTest, creates_are_neither_lost_nor_doubled_when_connections_break)
{
    std::atomic<bool> done{false};
    std::thread breaker(
        [&]
        {
            Connection connection({.database_url = url_, .application_name = "breaker"});
            while (!done)
            {
                connection.execute("select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = "
                                   "'parley' and datname = "
                                   "current_database()");
                std::this_thread::sleep_for(60ms);
            }
        });
    std::size_t made = 0;
    std::string acknowledged;
    std::string refused = "''";
    for (int round = 0; round < 20; ++round)
    {
        std::vector<std::function<boost::asio::awaitable<Result<domain::Session>>()>> calls;
        std::vector<std::string> ids;
        for (int i = 0; i < 20; ++i)
        {
            ids.push_back("broken-" + std::to_string(round) + "-" + std::to_string(i));
            auto session = a_session(ids.back());
            session.messages = {a_message("{}"), a_message("{}")};
            calls.emplace_back([session] { return sessions().create(session, Deadline::after(20s)); });
        }
        auto const results = store_->run_all(calls);
        for (std::size_t i = 0; i < results.size(); ++i)
        {
            made += results[i].has_value();
            if (!results[i] && code_of(results[i]) != ProblemCode::internal) refused += ",'" + ids[i] + "'";
            if (results[i]) acknowledged += (acknowledged.empty() ? "'" : ",'") + ids[i] + "'";
        }
    }
    done = true;
    breaker.join();
    EXPECT_GT(made, 100U);
    EXPECT_EQ(sql("select count(*) from session where id in (" + acknowledged + ")"), std::to_string(made));
    EXPECT_EQ(sql("select count(*) from session where id in (" + refused + ")"), "0");
    EXPECT_EQ(sql("select count(*) from session s where s.id like 'broken-%' and 2 <> (select count(*) from message m where "
                  "m.team_id = s.team_id "
                  "and m.session_number = s.number)"),
              "0");
    EXPECT_EQ(sql("select (select sum(sessions) from session_count) - (select count(*) from session)"), "0");
}

TEST_F(StoreFailureTest, a_database_that_is_away_is_told_at_once_and_service_returns_by_itself)
{
    OwnServer own;
    StoreUnderTest store(settings_for(own.url));
    ASSERT_TRUE(store.store().wait_until_up(5s));
    ASSERT_TRUE(run_on(store, store.sessions().create(a_session("before"), soon())));
    own.server.kill();
    for (int i = 0; i < 3; ++i)
    {
        auto const began = steady_clock::now();
        EXPECT_EQ(code_of(run_on(store, store.sessions().retrieve(alpha, "before", soon()))), ProblemCode::store_unavailable);
        EXPECT_LT((steady_clock::now() - began) * (i > 0), 100ms) << "a breaker, not a queue";
    }
    EXPECT_FALSE(store.store().is_up());
    EXPECT_TRUE(store.store().why_not_ready());
    own.server.start();
    EXPECT_TRUE(store.store().wait_until_up(10s));
    EXPECT_TRUE(run_on(store, store.sessions().retrieve(alpha, "before", soon())));
}

TEST_F(StoreFailureTest, acknowledged_writes_survive_a_crash_of_the_server)
{
    OwnServer own;
    StoreUnderTest store(settings_for(own.url));
    std::vector<std::string> acknowledged;
    for (int round = 0; round < 3; ++round)
    {
        ASSERT_TRUE(store.store().wait_until_up(10s));
        std::thread killer(
            [&, round]
            {
                Connection watcher({.database_url = own.url, .application_name = "watcher"});
                auto const until = steady_clock::now() + 2s;
                auto const some = "select count(*) from session where id like 'crash-" + std::to_string(round) + "-%'";
                while (watcher.execute(some)[0].number(0) < 20 && steady_clock::now() < until)
                    std::this_thread::sleep_for(1ms);
                own.server.kill();
            });
        std::vector<std::function<boost::asio::awaitable<Result<domain::Session>>()>> calls;
        std::vector<std::string> ids;
        for (int i = 0; i < 1000; ++i)
        {
            ids.push_back("crash-" + std::to_string(round) + "-" + std::to_string(i));
            calls.emplace_back([&store, session = a_session(ids.back())]
                               { return store.sessions().create(session, Deadline::after(3s)); });
        }
        auto const results = store.run_all(calls);
        for (std::size_t i = 0; i < results.size(); ++i)
            if (results[i]) acknowledged.push_back(ids[i]);
        killer.join();
        own.server.start();
    }
    std::string missing = "select count(*) from unnest('{";
    for (auto const& id : acknowledged)
        missing += (missing.ends_with('{') ? "" : ",") + id;
    EXPECT_EQ(support::execute_sql(own.url, missing + "}'::text[]) k where not exists (select from session s where s.id = k)")
                  .substr(0, 1),
              "0");
    EXPECT_FALSE(acknowledged.empty());
}

TEST_F(StoreFailureTest, a_server_that_hangs_costs_a_deadline_and_then_no_more)
{
    OwnServer own;
    auto settings = settings_for(own.url);
    settings.longest_deadline = 500ms; // Five seconds later its sockets are given up.
    settings.connect_timeout = 2s;
    StoreUnderTest store(settings);
    ASSERT_TRUE(store.store().wait_until_up(5s));
    ASSERT_TRUE(run_on(store, store.sessions().create(a_session("hang"), soon())));
    own.server.freeze();
    auto const began = steady_clock::now();
    EXPECT_EQ(code_of(run_on(store, store.sessions().retrieve(alpha, "hang", Deadline::after(400ms)))),
              ProblemCode::deadline_passed);
    EXPECT_EQ(code_of(run_on(store, store.sessions().retrieve(alpha, "hang", Deadline::after(400ms)))),
              ProblemCode::deadline_passed);
    EXPECT_LT(steady_clock::now() - began, 2s);
    while (store.store().is_up() && steady_clock::now() - began < 20s)
        std::this_thread::sleep_for(50ms);
    EXPECT_FALSE(store.store().is_up());
    own.server.thaw();
    EXPECT_TRUE(store.store().wait_until_up(15s));
    EXPECT_TRUE(run_on(store, store.sessions().retrieve(alpha, "hang", soon())));
}

TEST_F(StoreFailureTest, a_store_without_a_database_starts_and_says_so)
{
    StoreUnderTest store(settings_for("host=127.0.0.1 port=1 user=nobody dbname=none"));
    EXPECT_EQ(code_of(run_on(store, store.sessions().retrieve(alpha, "x", soon()))), ProblemCode::store_unavailable);
    EXPECT_FALSE(store.store().is_up());
}

TEST_F(StoreFailureTest, one_refused_connection_more_does_not_take_the_database_away)
{
    sql("do $$ begin execute format('alter database %I connection limit 3', current_database()); end $$");
    {
        auto settings = settings_for(url_);
        settings.lanes = 6;
        StoreUnderTest store(settings);
        (void)store.store().wait_until_up(2s);
        // The suite's own store holds connections too; whatever this one got, it must serve or say that it cannot, and never
        // flap.
        auto const result = run_on(store, store.sessions().check_experiment(alpha, alpha_bot, soon()));
        EXPECT_TRUE(result || code_of(result) == ProblemCode::store_unavailable);
    }
    sql("do $$ begin execute format('alter database %I connection limit -1', current_database()); end $$");
    EXPECT_TRUE(run(sessions().check_experiment(alpha, alpha_bot, soon())));
}

TEST_F(StoreFailureTest, stopping_finishes_what_waits_and_refuses_what_comes)
{
    StoreUnderTest store(settings_for(url_));
    ASSERT_TRUE(store.store().wait_until_up(5s));
    ASSERT_TRUE(run_on(store, store.sessions().create(a_session("stopping"), soon())));
    std::vector<std::function<boost::asio::awaitable<Result<domain::Transcript>>()>> calls;
    for (int i = 0; i < 100; ++i)
        calls.emplace_back([&store] { return store.sessions().retrieve(alpha, "stopping", soon()); });
    std::thread stopper(
        [&]
        {
            std::this_thread::sleep_for(1ms);
            store.store().stop(5s);
        });
    for (auto const& result : store.run_all(calls))
        EXPECT_TRUE(result || code_of(result) == ProblemCode::draining) << name_of(code_of(result));
    stopper.join();
    EXPECT_EQ(code_of(run_on(store, store.sessions().retrieve(alpha, "stopping", soon()))), ProblemCode::draining);
}

} // namespace
} // namespace parley::store
