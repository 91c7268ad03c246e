// Goal: whatever happens to the database, nothing that was acknowledged is lost or doubled, callers are told at once, and service
// comes back by itself. Method: the real parleyd on a PostgreSQL that the test kills, stops and freezes under load. Each scenario
// ends by proving recovery.
#include "parley/core/json.hpp"
#include "parley/support/api_client.hpp"
#include "parley/support/gate.hpp"
#include "parley/support/postgres_server.hpp"
#include "parley/support/test_world.hpp"
#include "parley/support/world_service.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <map>
#include <mutex>
#include <set>
#include <thread>

namespace parley::faults
{
namespace
{

class Database : public testing::Test
{
  protected:
    support::PostgresServer server_;
    std::unique_ptr<support::ParleydProcess> service_;

    void SetUp() override
    {
        std::string const url = server_.create_database("parley_faults");
        support::load_world(support::small_world({{.id = "known", .created_at = "2026-01-01T00:00:00Z"}}), url);
        start({});
    }

    void start(std::vector<std::string> flags)
    {
        flags.insert(flags.end(), {"--rate-limit-enforce", "false"});
        service_ = std::make_unique<support::ParleydProcess>(
            support::ParleydSettings{.database_url = server_.url("parley_faults"), .flags = std::move(flags)});
    }

    void TearDown() override
    {
        server_.thaw();
        if (service_)
        {
            EXPECT_EQ(service_->stop(), 0) << service_->process().output();
        }
    }

    [[nodiscard]] support::ApiClient client() const { return {*service_, support::small_world_key}; }
    [[nodiscard]] support::HttpRequest retrieve() const { return client().request("GET", "/api/sessions/known/"); }

    // Recovery: reads and writes work again within seconds.
    void expect_recovery()
    {
        EXPECT_TRUE(service_->answers_within(retrieve(), 200, std::chrono::seconds(15)));
        EXPECT_FALSE(client().create(support::small_world_experiment).empty());
        EXPECT_TRUE(is_ready_within(std::chrono::seconds(5)));
    }

    // The readiness is looked at in the background: it may follow the first answer by a moment.
    [[nodiscard]] bool is_ready_within(std::chrono::seconds time) const
    {
        auto const end = std::chrono::steady_clock::now() + time;
        while (service_->exchange_with_admin("/readyz").status != 200)
        {
            if (std::chrono::steady_clock::now() > end) return false;
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
        return true;
    }

    // Walks all pages: a loaded test makes more sessions than one page holds.
    [[nodiscard]] std::set<std::string> all_ids() const
    {
        std::set<std::string> ids;
        for (std::string target = "/api/sessions/?page_size=1500"; !target.empty();)
        {
            std::string const body = client().get(target).body;
            auto const document = json::Document::parse(body);
            if (!document || !document->root().find("results")) throw std::runtime_error("no list: " + body);
            auto const results = document->root().find("results");
            for (json::Value const row : *results)
                EXPECT_TRUE(ids.insert(std::string(row.find("id")->text())).second) << "a session stands twice";
            std::string const next = support::member_of(body, "next");
            target = next.empty() ? next : next.substr(next.find("/api/"));
        }
        return ids;
    }
};

TEST_F(Database, away_means_503_at_once_with_a_time_to_come_back)
{
    server_.stop();
    // The first callers may find out the hard way; then the breaker answers.
    EXPECT_TRUE(service_->answers_within(retrieve(), 503, std::chrono::seconds(15)));
    auto const began = std::chrono::steady_clock::now();
    for (int i = 0; i < 20; ++i)
    {
        support::HttpAnswer const answer = service_->exchange(retrieve());
        EXPECT_EQ(answer.status, 503);
        EXPECT_TRUE(answer.find("Retry-After"));
        EXPECT_EQ(answer.find("Content-Type"), "application/json");
        EXPECT_EQ(answer.body.find("PostgreSQL"), std::string::npos) << "the client sees the database: " << answer.body;
        EXPECT_EQ(answer.body.find("postgres"), std::string::npos) << answer.body;
    }
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(5));
    EXPECT_EQ(service_->exchange_with_admin("/readyz").status, 503);
    EXPECT_EQ(service_->exchange_with_admin("/livez").status, 200);
    server_.start();
    expect_recovery();
}

TEST_F(Database, killed_under_load_loses_and_doubles_nothing)
{
    std::mutex mutex; // Guards acknowledged and statuses.
    std::set<std::string> acknowledged;
    std::map<int, int> statuses;
    std::atomic<int> sent = 0;
    std::atomic<bool> over = false;
    std::vector<std::thread> clients;
    for (int i = 0; i < 4; ++i)
        clients.emplace_back(
            [&]
            {
                while (!over)
                {
                    ++sent;
                    int status = 0;
                    std::string id;
                    try
                    {
                        support::HttpAnswer const answer = client().post(
                            "/api/sessions/", R"({"experiment":")" + std::string(support::small_world_experiment) + "\"}");
                        status = answer.status;
                        id = support::member_of(answer.body, "id");
                    }
                    catch (support::HttpBroken const&)
                    {
                    }
                    std::lock_guard const lock(mutex);
                    ++statuses[status];
                    if (status == 201) acknowledged.insert(id);
                }
            });
    for (int round = 0; round < 2; ++round)
    {
        std::this_thread::sleep_for(std::chrono::milliseconds(700));
        server_.kill();
        std::this_thread::sleep_for(std::chrono::milliseconds(300));
        server_.start();
        EXPECT_TRUE(service_->answers_within(retrieve(), 200, std::chrono::seconds(15)));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    over = true;
    for (std::thread& thread : clients)
        thread.join();

    EXPECT_GT(statuses[201], 20);
    for (auto const& [status, times] : statuses)
        EXPECT_TRUE(status == 201 || status == 503 || status == 504) << status << ": " << times << " times";
    std::set<std::string> const stored = all_ids();
    for (std::string const& id : acknowledged)
        EXPECT_TRUE(stored.contains(id)) << id << " was acknowledged and is lost";
    // One session for each create at most; the known one stands beside them.
    EXPECT_LE(stored.size(), static_cast<std::size_t>(sent) + 1);
    EXPECT_EQ(support::member_of(client().get("/api/sessions/").body, "count"), std::to_string(stored.size()));
    expect_recovery();
}

TEST_F(Database, frozen_means_an_answer_at_the_deadline)
{
    server_.freeze();
    auto const began = std::chrono::steady_clock::now();
    support::HttpAnswer const answer = service_->exchange(retrieve());
    EXPECT_TRUE(answer.status == 503 || answer.status == 504) << answer.status;
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(40));
    server_.thaw();
    expect_recovery();
}

TEST_F(Database, frozen_takes_the_readiness_within_seconds)
{
    ASSERT_TRUE(is_ready_within(std::chrono::seconds(5)));
    server_.freeze();
    auto const began = std::chrono::steady_clock::now();
    support::HttpAnswer ready;
    do
    {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        auto const asked = std::chrono::steady_clock::now();
        ready = service_->exchange_with_admin("/readyz");
        EXPECT_EQ(service_->exchange_with_admin("/livez").status, 200);
        EXPECT_LT(std::chrono::steady_clock::now() - asked, std::chrono::seconds(1)) << "the admin port waits for the database";
    } while (ready.status == 200 && std::chrono::steady_clock::now() - began < std::chrono::seconds(20));
    EXPECT_EQ(ready.status, 503);
    EXPECT_EQ(ready.body, "the database does not answer\n");
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(7));
    server_.thaw();
    expect_recovery();
}

// Requests in flight, which nobody will answer any more, are cut at the limit; the rest takes no longer than an attempt to
// connect.
TEST_F(Database, frozen_does_not_hold_up_the_end)
{
    EXPECT_EQ(service_->stop(), 0);
    start({"--drain-pause-ms", "100", "--drain-seconds", "2"});
    ASSERT_EQ(service_->exchange(retrieve()).status, 200);
    server_.freeze();
    support::RawHttpClient reader = service_->connect();
    reader.send(support::to_bytes(retrieve()));
    support::RawHttpClient writer = service_->connect();
    writer.send(support::to_bytes(client().request("PATCH", "/api/sessions/known/update_state/", R"({"state":{"a":1}})")));
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    auto const told = std::chrono::steady_clock::now();
    service_->process().signal(SIGTERM);
    EXPECT_EQ(service_->process().wait_exit(std::chrono::seconds(60)), 0) << service_->process().output();
    // The pause, the limit, and three seconds; one more for a busy machine.
    EXPECT_LT(std::chrono::steady_clock::now() - told, std::chrono::milliseconds(100 + 2000 + 3000 + 1000));

    server_.thaw();
    start({});
    expect_recovery();
}

TEST_F(Database, restarted_while_nobody_asks_is_not_noticed_by_the_next_caller)
{
    server_.stop();
    server_.start();
    // A read on a connection that has died is tried again on another.
    EXPECT_TRUE(service_->answers_within(retrieve(), 200, std::chrono::seconds(5)));
    expect_recovery();
}

TEST_F(Database, away_at_the_start_does_not_keep_the_service_down)
{
    std::string const url = server_.url("parley_faults");
    EXPECT_EQ(service_->stop(), 0);
    server_.stop();
    // It waits for its database, or leaves with a clear word and a non-zero code for whoever starts it again.
    support::ChildProcess waiting({.argv = {support::parleyd_path(), "serve", "--database-url", url, "--listen", "127.0.0.1:0",
                                            "--admin-listen", "127.0.0.1:0"}});
    auto const left = waiting.wait_exit(std::chrono::seconds(5));
    server_.start();
    if (left)
        EXPECT_NE(*left, 0);
    else
        EXPECT_TRUE(waiting.wait_for("parleyd listening on ", std::chrono::seconds(30))) << waiting.output();
    service_.reset();
}

TEST_F(Database, frozen_means_503_at_once_as_soon_as_it_is_noticed)
{
    server_.freeze();
    EXPECT_TRUE(service_->answers_within(retrieve(), 503, std::chrono::seconds(20)));
    // Not each of them at its deadline, which would take two minutes.
    auto const began = std::chrono::steady_clock::now();
    for (int i = 0; i < 12; ++i)
    {
        support::HttpAnswer const answer = service_->exchange(retrieve());
        EXPECT_EQ(answer.status, 503);
        EXPECT_TRUE(answer.find("Retry-After"));
    }
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(40));
    server_.thaw();
    expect_recovery();
}

TEST_F(Database, read_only_is_left_at_once_and_answers_no_read)
{
    auto const set = [&](std::string const& change)
    {
        support::execute_sql(server_.url("parley_faults"), "set default_transaction_read_only to off; alter system " + change);
        support::execute_sql(server_.url("parley_faults"), "select pg_reload_conf()");
    };
    ASSERT_EQ(service_->exchange(retrieve()).status, 200);
    set("set default_transaction_read_only to on");
    // Another server may be the primary by now: what this one says may be out of date.
    EXPECT_TRUE(service_->answers_within(retrieve(), 503, std::chrono::seconds(15)));
    for (int i = 0; i < 10; ++i)
    {
        EXPECT_EQ(service_->exchange(retrieve()).status, 503);
        EXPECT_EQ(client().call("PATCH", "/api/sessions/known/update_state/", R"({"state":{"a":1}})").status, 503);
    }
    EXPECT_EQ(support::execute_sql(server_.url("parley_faults"),
                                   "select count(*) from pg_stat_activity where application_name = 'parley'"),
              "0\n");
    set("reset default_transaction_read_only");
    expect_recovery();
}

// A write that a server could not carry out for so long that its caller was told "not known" must not be carried out after the
// next one to the same session.
TEST_F(Database, a_write_that_hung_does_not_come_after_the_next_one)
{
    EXPECT_EQ(service_->stop(), 0);
    start({"--store-lanes", "1", "--request-timeout-ms", "2000"});
    auto const set_state = [&](int number)
    {
        return client()
            .call("PATCH", "/api/sessions/known/update_state/", R"({"state":{"n":)" + std::to_string(number) + "}}")
            .status;
    };
    ASSERT_EQ(set_state(1), 200);
    std::string const pid_text =
        support::execute_sql(server_.url("parley_faults"), "select pid from pg_stat_activity where application_name = 'parley'");
    pid_t const backend = std::stoi(pid_text);
    server_.freeze();
    EXPECT_EQ(set_state(2), 500) << "sent, and nobody knows";
    server_.thaw(backend); // The others go on; a new connection would be served.
    auto const is_set_within = [&](int number, std::chrono::seconds time)
    {
        for (auto const end = std::chrono::steady_clock::now() + time; std::chrono::steady_clock::now() < end;)
        {
            if (set_state(number) == 200) return true;
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
        return false;
    };
    EXPECT_FALSE(is_set_within(3, std::chrono::seconds(5))) << "the one before it may still be carried out";
    ASSERT_EQ(::kill(backend, SIGCONT), 0);
    EXPECT_TRUE(is_set_within(4, std::chrono::seconds(20)));
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    EXPECT_NE(client().get("/api/sessions/known/").body.find(R"("state":{"n":4})"), std::string::npos);
    expect_recovery();
}

// The service knows two servers, of which one takes writes. (They are no replicas here: what each holds shows who was asked.)
TEST(Hosts, a_server_that_becomes_read_only_is_left_for_the_one_that_takes_writes)
{
    support::PostgresServer first({.port = support::free_port()});
    support::PostgresServer second({.port = support::free_port()});
    for (auto* server : {&first, &second})
        support::load_world(support::small_world({{.id = server == &first ? "of-the-first" : "of-the-second",
                                                   .created_at = "2026-01-01T00:00:00Z"}}),
                            server->create_database("parley_faults"));
    support::ParleydProcess service(
        support::ParleydSettings{.database_url = "postgresql://parley@127.0.0.1:" + std::to_string(first.port()) +
                                                 ",127.0.0.1:" + std::to_string(second.port()) + "/parley_faults?sslmode=disable",
                                 .flags = {"--rate-limit-enforce", "false"}});
    support::ApiClient const client{service, support::small_world_key};
    ASSERT_EQ(client.get("/api/sessions/of-the-first/").status, 200);
    support::execute_sql(first.url("parley_faults"), "alter system set default_transaction_read_only to on");
    support::execute_sql(first.url("parley_faults"), "select pg_reload_conf()");
    // The next read finds out; the first server answers none any more, though it could.
    EXPECT_TRUE(service.answers_within(client.request("GET", "/api/sessions/of-the-second/"), 200, std::chrono::seconds(15)));
    for (int i = 0; i < 20; ++i)
        EXPECT_EQ(client.get("/api/sessions/of-the-first/").status, 404);
    EXPECT_FALSE(client.create(support::small_world_experiment).empty());
    EXPECT_EQ(support::execute_sql(second.url("parley_faults"), "select count(*) from session"), "2\n");
    EXPECT_EQ(service.stop(), 0);
}

// A gate stands between the service and PostgreSQL.
class Network : public testing::Test
{
  protected:
    support::PostgresServer server_{{.port = support::free_port()}};
    support::Gate gate_{server_.port()};
    std::unique_ptr<support::ParleydProcess> service_;

    void SetUp() override
    {
        std::string const direct = server_.create_database("parley_faults");
        support::load_world(support::small_world({{.id = "known", .created_at = "2026-01-01T00:00:00Z"}}), direct);
        service_ = std::make_unique<support::ParleydProcess>(support::ParleydSettings{
            .database_url = "postgresql://parley@127.0.0.1:" + std::to_string(gate_.port()) + "/parley_faults?sslmode=disable",
            .flags = {"--rate-limit-enforce", "false", "--request-timeout-ms", "3000"}});
    }

    void TearDown() override
    {
        gate_.set(support::GateMode::open);
        if (service_)
        {
            EXPECT_EQ(service_->stop(), 0) << service_->process().output();
        }
    }

    [[nodiscard]] support::ApiClient client() const { return {*service_, support::small_world_key}; }

    // Sends the request while the gate cuts answers, and opens it again as soon as one was lost, so that the service can look
    // what became of its commit.
    support::HttpAnswer lose_the_answer(support::GateMode mode, support::HttpRequest const& request)
    {
        int const cut_before = gate_.answers_cut();
        std::thread opener(
            [&]
            {
                auto const end = std::chrono::steady_clock::now() + std::chrono::seconds(2);
                while (gate_.answers_cut() == cut_before && std::chrono::steady_clock::now() < end)
                    std::this_thread::sleep_for(std::chrono::milliseconds(1));
                gate_.set(support::GateMode::open);
            });
        gate_.set(mode);
        support::HttpAnswer answer = service_->exchange(request);
        opener.join();
        EXPECT_TRUE(service_->answers_within(client().request("GET", "/api/sessions/known/"), 200, std::chrono::seconds(20)));
        return answer;
    }

    // A caller who heard no should find nothing, or at most the one thing whose answer was lost for good.
    static void expect_once_if(support::HttpAnswer const& answer, int yes, std::string const& shown, std::string const& what)
    {
        std::size_t times = 0;
        for (std::size_t at = shown.find(what); at != std::string::npos; at = shown.find(what, at + 1))
            ++times;
        EXPECT_LE(times, 1U) << answer.status;
        if (answer.status == yes)
        {
            EXPECT_EQ(times, 1U) << what;
        }
        EXPECT_TRUE(answer.status == yes || answer.status == 503 || answer.status == 504) << answer.status << answer.body;
    }

    void expect_recovery()
    {
        gate_.set(support::GateMode::open);
        EXPECT_TRUE(service_->answers_within(client().request("GET", "/api/sessions/known/"), 200, std::chrono::seconds(20)));
        EXPECT_FALSE(client().create(support::small_world_experiment).empty());
    }
};

TEST_F(Network, a_create_whose_answer_is_lost_is_neither_lost_nor_doubled)
{
    for (int round = 0; round < 5; ++round)
    {
        std::string const participant = "once-" + std::to_string(round) + "@small.example";
        support::HttpAnswer const answer = lose_the_answer(
            support::GateMode::cut_answers, client().request("POST", "/api/sessions/",
                                                             R"({"experiment":")" + std::string(support::small_world_experiment) +
                                                                 R"(","participant":")" + participant + "\"}"));
        expect_once_if(answer, 201, client().get("/api/sessions/?page_size=1500").body, participant);
    }
    expect_recovery();
}

// The answer to the commit is lost, or to the first statement of the transaction, whose commit is then never sent.
TEST_F(Network, added_messages_whose_commit_is_lost_are_there_once)
{
    int acknowledged = 0;
    int const cut_before = gate_.answers_cut();
    for (support::GateMode const mode : {support::GateMode::cut_commits, support::GateMode::cut_answers})
    {
        for (int round = 0; round < 5; ++round)
        {
            std::string const text = "said-" + std::to_string(static_cast<int>(mode)) + "-" + std::to_string(round);
            support::HttpAnswer const answer =
                lose_the_answer(mode, client().request("POST", "/api/v2/sessions/known/messages/",
                                                       R"({"messages":[{"role":"assistant","content":")" + text + "\"}]}"));
            expect_once_if(answer, 201, client().get("/api/sessions/known/").body, text);
            acknowledged += answer.status == 201;
        }
    }
    EXPECT_GE(gate_.answers_cut() - cut_before, 10);
    EXPECT_GE(acknowledged, 8) << "what became of a commit is found out, as a rule";
    expect_recovery();
}

TEST_F(Network, a_network_that_hangs_means_an_answer_at_the_deadline)
{
    gate_.set(support::GateMode::hang);
    auto const began = std::chrono::steady_clock::now();
    for (char const* method : {"GET", "HEAD"})
    {
        int const status = client().call(method, "/api/sessions/known/").status;
        EXPECT_TRUE(status == 503 || status == 504) << status;
    }
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(12));
    EXPECT_EQ(service_->exchange_with_admin("/livez").status, 200);
    expect_recovery();
}

TEST_F(Network, refused_connections_mean_503_and_service_comes_back)
{
    gate_.set(support::GateMode::refuse);
    EXPECT_TRUE(service_->answers_within(client().request("GET", "/api/sessions/known/"), 503, std::chrono::seconds(10)));
    expect_recovery();
}

TEST_F(Network, a_cut_while_idle_is_not_noticed)
{
    gate_.set(support::GateMode::refuse);
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    gate_.set(support::GateMode::open);
    EXPECT_TRUE(service_->answers_within(client().request("GET", "/api/sessions/known/"), 200, std::chrono::seconds(5)));
    expect_recovery();
}

} // namespace
} // namespace parley::faults
