#include "parley/rate_limit/limiter.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <thread>
#include <tuple>
#include <vector>

namespace parley::rate_limit
{
namespace
{

using namespace std::chrono_literals;
namespace ip = boost::asio::ip;

// The counts that replicas share, as the database keeps them.
class MapCountStore final : public CountStore
{
  public:
    Result<std::vector<CountDelta>> exchange(std::vector<CountDelta> const& deltas) override
    {
        ++rounds;
        if (is_away) return Problem{.code = ProblemCode::store_unavailable};
        if (during_exchange != nullptr) during_exchange(during_exchange_with);
        std::vector<CountDelta> sums;
        for (auto delta : deltas)
        {
            auto& sum = sums_[{static_cast<int>(delta.scope), delta.identity, delta.window_start, delta.window_seconds}];
            sum += delta.count;
            delta.count = sum;
            sums.push_back(delta);
        }
        last = sums;
        return sums;
    }

    bool is_away = false;
    int rounds = 0;
    std::vector<CountDelta> last;
    void (*during_exchange)(void*) = nullptr;
    void* during_exchange_with = nullptr;

  private:
    std::map<std::tuple<int, std::string, std::int64_t, std::int64_t>, std::int64_t> sums_;
};

class LimiterTest : public testing::Test
{
  public:
    static LimiterSettings tiny() { return {.api = {4, 20s}, .credentials = {3, 20s}, .chat_api = {4, 20s}}; }

    std::int64_t windows_counted(std::string_view outcome, std::string_view scope = "api")
    {
        auto const text = telemetry_.expose();
        auto const line =
            "parley_rate_limit_decisions_total{outcome=\"" + std::string(outcome) + "\",scope=\"" + std::string(scope) + "\"} ";
        auto const at = text.find(line);
        return at == std::string::npos ? 0 : std::stoll(text.substr(at + line.size()));
    }

    // Five seconds into a window of 20 s.
    ManualClock clock_{Timestamp(std::chrono::seconds(1'700'000'000 - 1'700'000'000 % 20 + 5))};
    telemetry::Telemetry telemetry_{{.log_level = "off"}};
    Limiter limiter_{clock_, telemetry_, tiny()};
    auth::Team const team_{.id = 7, .slug = "alpha", .name = "Alpha", .api_rate_limit = {}};
    auth::Team const other_team_{.id = 8, .slug = "beta", .name = "Beta", .api_rate_limit = {}};
    ip::address const client_ = ip::make_address("192.0.2.1");
};

TEST_F(LimiterTest, each_request_leaves_one_less)
{
    for (std::int64_t const remaining : {3, 2, 1, 0})
    {
        auto const standing = limiter_.admit_team(team_);
        EXPECT_EQ(standing.limit, 4);
        EXPECT_EQ(standing.remaining, remaining);
        EXPECT_FALSE(standing.is_refused);
    }
    auto const refused = limiter_.admit_team(team_);
    EXPECT_TRUE(refused.is_refused);
    EXPECT_EQ(refused.remaining, 0);
    EXPECT_EQ(windows_counted("admitted"), 4);
    EXPECT_EQ(windows_counted("refused"), 1);
}

TEST_F(LimiterTest, reset_counts_down_to_the_end_of_the_window)
{
    EXPECT_EQ(limiter_.admit_team(team_).reset, 15);
    clock_.advance(1ms);
    EXPECT_EQ(limiter_.admit_team(team_).reset, 15) << "rounded up: who waits so long finds the next window";
    clock_.advance(14'998ms);
    EXPECT_EQ(limiter_.admit_team(team_).reset, 1);
}

TEST_F(LimiterTest, a_new_window_starts_from_zero)
{
    for (int i = 0; i < 6; ++i)
        (void)limiter_.admit_team(team_);
    clock_.advance(14'999ms);
    EXPECT_TRUE(limiter_.admit_team(team_).is_refused);
    clock_.advance(1ms);
    auto const standing = limiter_.admit_team(team_);
    EXPECT_EQ(standing.remaining, 3);
    EXPECT_EQ(standing.reset, 20);
}

TEST_F(LimiterTest, teams_are_counted_apart)
{
    for (int i = 0; i < 5; ++i)
        (void)limiter_.admit_team(team_);
    EXPECT_EQ(limiter_.admit_team(other_team_).remaining, 3);
}

TEST_F(LimiterTest, a_team_may_have_a_limit_of_its_own)
{
    auto own = other_team_;
    own.api_rate_limit = "1/1h";
    EXPECT_EQ(limiter_.admit_team(own).limit, 1);
    auto const refused = limiter_.admit_team(own);
    EXPECT_TRUE(refused.is_refused);
    EXPECT_GT(refused.reset, 20);
    own.api_rate_limit = "many";
    EXPECT_EQ(limiter_.admit_team(own).limit, 4) << "a text that is no limit falls back to the default";
}

TEST_F(LimiterTest, without_enforcement_it_counts_and_lets_pass)
{
    auto settings = tiny();
    settings.enforce = false;
    Limiter limiter(clock_, telemetry_, settings);
    for (int i = 0; i < 4; ++i)
        (void)limiter.admit_team(team_);
    auto const standing = limiter.admit_team(team_);
    EXPECT_FALSE(standing.is_refused);
    EXPECT_EQ(standing.remaining, 0);
    EXPECT_EQ(windows_counted("over_but_not_enforced"), 1);
}

TEST_F(LimiterTest, failed_credentials_are_counted_by_address)
{
    for (std::int64_t const remaining : {2, 1, 0})
    {
        auto const standing = limiter_.count_credentials(client_);
        EXPECT_EQ(standing.limit, 3);
        EXPECT_EQ(standing.remaining, remaining);
        EXPECT_FALSE(standing.is_refused);
    }
    EXPECT_TRUE(limiter_.count_credentials(client_).is_refused);
    EXPECT_FALSE(limiter_.count_credentials(ip::make_address("192.0.2.2")).is_refused);
}

TEST_F(LimiterTest, the_chat_is_counted_by_whatever_tells_one_from_another)
{
    for (std::int64_t const remaining : {3, 2, 1, 0})
        EXPECT_EQ(limiter_.count_chat("session 1 a").remaining, remaining);
    EXPECT_TRUE(limiter_.count_chat("session 1 a").is_refused);
    EXPECT_FALSE(limiter_.count_chat("session 1 b").is_refused);
    EXPECT_EQ(over_the_limit({.limit = 4, .remaining = 0, .reset = 7, .is_refused = true}),
              (Problem{.code = ProblemCode::rate_exceeded, .retry_after = 7}));
}

TEST_F(LimiterTest, an_ipv6_network_is_one_address)
{
    for (auto const* address : {"2001:db8:1:2::1", "2001:db8:1:2::2", "2001:db8:1:2:ffff::"})
        EXPECT_FALSE(limiter_.count_credentials(ip::make_address(address)).is_refused);
    EXPECT_TRUE(limiter_.count_credentials(ip::make_address("2001:db8:1:2:3:4:5:6")).is_refused);
    EXPECT_FALSE(limiter_.count_credentials(ip::make_address("2001:db8:1:3::1")).is_refused);
}

TEST_F(LimiterTest, looking_does_not_count)
{
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(limiter_.standing_of_credentials(client_).remaining, 3);
    (void)limiter_.count_credentials(client_);
    EXPECT_EQ(limiter_.standing_of_credentials(client_).remaining, 2);
    (void)limiter_.count_credentials(client_);
    (void)limiter_.count_credentials(client_);
    EXPECT_TRUE(limiter_.standing_of_credentials(client_).is_refused);
    clock_.advance(20s);
    EXPECT_FALSE(limiter_.standing_of_credentials(client_).is_refused);
}

TEST_F(LimiterTest, two_replicas_share_one_window)
{
    MapCountStore store;
    Limiter other(clock_, telemetry_, tiny());
    (void)limiter_.admit_team(team_);
    (void)limiter_.admit_team(team_);
    (void)other.admit_team(team_);
    limiter_.exchange(store);
    other.exchange(store); // Knows of all three now.
    EXPECT_EQ(other.admit_team(team_).remaining, 0);
    EXPECT_TRUE(other.admit_team(team_).is_refused);
    other.exchange(store);
    (void)limiter_.admit_team(team_); // The overshoot: it has not heard of the others yet.
    limiter_.exchange(store);
    EXPECT_TRUE(limiter_.admit_team(team_).is_refused);
}

TEST_F(LimiterTest, only_what_is_new_is_sent)
{
    MapCountStore store;
    limiter_.exchange(store);
    EXPECT_EQ(store.rounds, 0) << "nothing to say, nothing to ask";
    (void)limiter_.admit_team(team_);
    limiter_.exchange(store);
    (void)limiter_.admit_team(team_);
    (void)limiter_.admit_team(team_);
    limiter_.exchange(store);
    limiter_.exchange(store);
    EXPECT_EQ(store.rounds, 2);
    ASSERT_EQ(store.last.size(), 1U);
    EXPECT_EQ(store.last[0].identity, "7");
    EXPECT_EQ(store.last[0].count, 3);
    EXPECT_EQ(store.last[0].window_seconds, 20);
    EXPECT_EQ(store.last[0].window_start % 20, 0);
    EXPECT_EQ(limiter_.admit_team(team_).remaining, 0);
}

TEST_F(LimiterTest, what_is_counted_during_an_exchange_is_not_lost)
{
    MapCountStore store;
    (void)limiter_.admit_team(team_);
    store.during_exchange = [](void* self)
    {
        auto& test = *static_cast<LimiterTest*>(self);
        (void)test.limiter_.admit_team(test.team_);
    };
    store.during_exchange_with = this;
    limiter_.exchange(store);
    EXPECT_EQ(limiter_.admit_team(team_).remaining, 1);
    store.during_exchange = nullptr;
    limiter_.exchange(store);
    EXPECT_EQ(store.last.at(0).count, 3);
}

TEST_F(LimiterTest, a_failed_exchange_is_made_good_by_the_next)
{
    MapCountStore store;
    store.is_away = true;
    (void)limiter_.admit_team(team_);
    limiter_.exchange(store);
    EXPECT_EQ(limiter_.admit_team(team_).remaining, 2) << "counting goes on locally";
    EXPECT_NE(telemetry_.expose().find("parley_rate_limit_sharing_failures_total 1"), std::string::npos);
    store.is_away = false;
    limiter_.exchange(store);
    ASSERT_EQ(store.last.size(), 1U);
    EXPECT_EQ(store.last[0].count, 2);
}

TEST_F(LimiterTest, a_sum_of_a_window_that_is_over_changes_nothing)
{
    MapCountStore store;
    Limiter other(clock_, telemetry_, tiny());
    for (int i = 0; i < 3; ++i)
        (void)other.admit_team(team_);
    other.exchange(store);
    (void)limiter_.admit_team(team_);
    store.during_exchange = [](void* self)
    {
        auto& test = *static_cast<LimiterTest*>(self);
        test.clock_.advance(20s);
        (void)test.limiter_.admit_team(test.team_);
    };
    store.during_exchange_with = this;
    limiter_.exchange(store);
    EXPECT_EQ(limiter_.admit_team(team_).remaining, 2);
}

TEST_F(LimiterTest, wrong_passwords_are_counted_by_account_whatever_the_address)
{
    for (int i = 0; i < 3; ++i)
    {
        EXPECT_FALSE(limiter_.standing_of_account("user:ann@example.org").is_refused);
        (void)limiter_.count_account("user:ann@example.org");
    }
    EXPECT_TRUE(limiter_.standing_of_account("user:ann@example.org").is_refused);
    EXPECT_FALSE(limiter_.standing_of_account("user:bob@example.org").is_refused);
    EXPECT_FALSE(limiter_.standing_of_credentials(client_).is_refused) << "an account is not an address";
    clock_.advance(20s);
    EXPECT_FALSE(limiter_.standing_of_account("user:ann@example.org").is_refused);
}

TEST_F(LimiterTest, what_replicas_tell_each_other_names_no_account)
{
    MapCountStore store;
    auto const account = "user:" + std::string(1 << 20, 'a');
    (void)limiter_.count_account(account);
    limiter_.exchange(store);
    ASSERT_EQ(store.last.size(), 1U);
    EXPECT_LT(store.last.front().identity.size(), 100U);
    EXPECT_EQ(store.last.front().identity.find("user"), std::string::npos);
}

TEST_F(LimiterTest, beyond_its_memory_an_account_that_cannot_be_counted_is_refused)
{
    auto settings = tiny();
    settings.identities_max = 1;
    Limiter limiter(clock_, telemetry_, settings);
    EXPECT_FALSE(limiter.standing_of_account("user:ann@example.org").is_refused);
    (void)limiter.count_account("user:bob@example.org");
    EXPECT_TRUE(limiter.standing_of_account("user:ann@example.org").is_refused);
    EXPECT_TRUE(limiter.standing_of_credentials(client_).is_refused);
    EXPECT_FALSE(limiter.standing_of_account("user:bob@example.org").is_refused) << "who is known is counted on";
}

TEST_F(LimiterTest, beyond_its_memory_it_refuses_credentials_and_admits_teams)
{
    auto settings = tiny();
    settings.identities_max = 2;
    Limiter limiter(clock_, telemetry_, settings);
    (void)limiter.count_credentials(client_);
    (void)limiter.admit_team(team_);
    EXPECT_TRUE(limiter.count_credentials(ip::make_address("192.0.2.9")).is_refused);
    EXPECT_FALSE(limiter.admit_team(other_team_).is_refused);
    EXPECT_FALSE(limiter.count_credentials(client_).is_refused) << "who is known is counted on";
    EXPECT_EQ(limiter.admit_team(team_).remaining, 2);
}

TEST_F(LimiterTest, windows_that_are_over_make_room)
{
    auto settings = tiny();
    settings.identities_max = 64;
    Limiter limiter(clock_, telemetry_, settings);
    MapCountStore store;
    for (std::uint32_t i = 0; i < 64; ++i)
        (void)limiter.count_credentials(ip::make_address_v4(i + 1));
    EXPECT_TRUE(limiter.count_credentials(client_).is_refused);
    clock_.advance(20s);
    limiter.exchange(store);
    EXPECT_FALSE(limiter.count_credentials(client_).is_refused);
}

TEST_F(LimiterTest, many_threads_admit_exactly_the_limit)
{
    Limiter limiter(clock_, telemetry_, {.api = {1000, 20s}});
    MapCountStore store;
    std::atomic<int> admitted{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back(
            [&]
            {
                for (int i = 0; i < 500; ++i)
                    admitted += limiter.admit_team(team_).is_refused ? 0 : 1;
            });
    for (int i = 0; i < 20; ++i)
        limiter.exchange(store);
    for (auto& thread : threads)
        thread.join();
    EXPECT_EQ(admitted, 1000);
}

} // namespace
} // namespace parley::rate_limit
