// Goal: a create that is sent again under its Idempotency-Key until it is acknowledged exists exactly once, whatever happens to
// the service. Method: the real parleyd, killed under the clients and started again on the same database.
#include "parley/support/postgres_server.hpp"
#include "parley/support/raw_http_client.hpp"
#include "parley/support/test_world.hpp"
#include "parley/support/world_service.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace parley::faults
{
namespace
{

using namespace std::chrono_literals;

support::HttpRequest keyed_create(std::string const& key)
{
    return {.method = "POST",
            .target = "/api/sessions/",
            .fields = {{"X-api-key", std::string(support::small_world_key)},
                       {"Content-Type", "application/json"},
                       {"Idempotency-Key", key}},
            .body = R"({"experiment":")" + std::string(support::small_world_experiment) + R"(","participant":")" + key +
                    R"(","messages":[{"role":"user","content":"hello"}]})"};
}

class Idempotency : public testing::Test
{
  protected:
    void SetUp() override
    {
        url_ = support::new_database();
        support::load_world(support::small_world({}), url_);
        start();
    }

    void start()
    {
        std::vector<std::string> flags{"--rate-limit-enforce", "false"};
        service_ = std::make_unique<support::ParleydProcess>(support::ParleydSettings{.database_url = url_, .flags = flags});
        port_ = service_->port();
    }

    // One try; nothing where there was no whole answer.
    std::optional<support::HttpAnswer> try_once(support::HttpRequest const& request) const
    {
        try
        {
            support::RawHttpClient client("127.0.0.1", port_, 5s);
            return client.exchange(request);
        }
        catch (support::HttpBroken const&)
        {
            return std::nullopt;
        }
    }

    std::string url_;
    std::unique_ptr<support::ParleydProcess> service_;
    std::atomic<std::uint16_t> port_{0};
};

TEST_F(Idempotency, a_create_sent_again_until_it_is_acknowledged_exists_once_though_the_service_is_killed)
{
    constexpr int clients = 8;
    constexpr int kills = 4;
    std::atomic<bool> goes_on = true;
    std::mutex mutex;
    std::map<std::string, std::string> acknowledged; // The answer, by key.
    auto const client = [&](int number)
    {
        for (int turn = 0; goes_on; ++turn)
        {
            auto const key = "key-" + std::to_string(number) + "-" + std::to_string(turn);
            for (auto const end = std::chrono::steady_clock::now() + 60s; std::chrono::steady_clock::now() < end;)
            {
                auto const answer = try_once(keyed_create(key));
                if (answer && answer->status == 201)
                {
                    std::lock_guard const lock(mutex);
                    acknowledged.emplace(key, answer->body);
                    break;
                }
                std::this_thread::sleep_for(10ms);
            }
        }
    };
    std::vector<std::thread> threads;
    for (int number = 0; number < clients; ++number)
        threads.emplace_back(client, number);
    for (int i = 0; i < kills; ++i)
    {
        std::this_thread::sleep_for(700ms);
        service_->process().signal(SIGKILL);
        (void)service_->process().wait_exit(5s);
        start();
    }
    goes_on = false;
    for (auto& thread : threads)
        thread.join();

    ASSERT_GT(acknowledged.size(), 50U);
    EXPECT_EQ(
        support::execute_sql(url_, "select count(*), count(distinct participant_identifier), sum(message_count) from session"),
        std::to_string(acknowledged.size()) + "|" + std::to_string(acknowledged.size()) + "|" +
            std::to_string(acknowledged.size()) + "\n");
    // Once more: the same answers.
    int asked = 0;
    for (auto const& [key, body] : acknowledged)
    {
        if (asked++ == 20) break;
        EXPECT_EQ(service_->exchange(keyed_create(key)).body, body);
    }
    EXPECT_EQ(service_->stop(), 0);
}

TEST_F(Idempotency, many_who_send_one_request_at_once_make_one_session)
{
    for (int round = 0; round < 20; ++round)
    {
        auto const request = keyed_create("race-" + std::to_string(round));
        std::vector<std::thread> threads;
        std::atomic<int> made = 0;
        std::atomic<int> conflicts = 0;
        for (int i = 0; i < 16; ++i)
            threads.emplace_back(
                [&]
                {
                    auto const answer = try_once(request);
                    if (answer && answer->status == 201) ++made;
                    if (answer && answer->status == 409) ++conflicts;
                });
        for (auto& thread : threads)
            thread.join();
        EXPECT_EQ(made + conflicts, 16);
        EXPECT_GE(made, 1);
    }
    EXPECT_EQ(support::execute_sql(url_, "select count(*) from session"), "20\n");
    EXPECT_EQ(service_->stop(), 0);
}

} // namespace
} // namespace parley::faults
