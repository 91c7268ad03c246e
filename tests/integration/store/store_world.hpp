// A database with two teams and a store on it, for the suites of this folder.
#pragma once

#include "connection_pqxx.hpp"

#include "parley/domain/session_store.hpp"
#include "parley/store/migrate.hpp"
#include "parley/store/store.hpp"
#include "parley/support/postgres_server.hpp"
#include "parley/support/run_coro.hpp"
#include "parley/telemetry/telemetry.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace parley::store
{

inline constexpr domain::TeamId alpha = 1;
inline constexpr domain::TeamId beta = 2;

inline Uuid uuid(std::string_view text)
{
    return *Uuid::parse(text);
}
inline Timestamp at(std::string_view text)
{
    return *parse_timestamp(text);
}
inline Deadline soon()
{
    return Deadline::after(std::chrono::seconds(10));
}

inline Uuid const alpha_bot = uuid("00000000-0000-4000-8000-0000000000a1");
inline Uuid const alpha_other_bot = uuid("00000000-0000-4000-8000-0000000000a2");
inline Uuid const alpha_archived_bot = uuid("00000000-0000-4000-8000-0000000000a3");
inline Uuid const beta_bot = uuid("00000000-0000-4000-8000-0000000000b1");

// Teams, chatbots, users, roles and keys.
inline std::string make_world()
{
    auto url = support::new_database();
    SystemClock const clock;
    migrate(url, clock);
    support::execute_sql(url, R"(
        insert into team (id, slug, name, api_rate_limit, created_at) values (1, 'alpha', 'Alpha', null, now()), (2, 'beta', 'Beta', '5/1m', now());
        insert into experiment (id, team_id, name, description, version_number, is_archived, created_at) values
            ('00000000-0000-4000-8000-0000000000a1', 1, 'Bot', 'A bot', 3, false, now()),
            ('00000000-0000-4000-8000-0000000000a2', 1, 'Other', null, 1, false, now()),
            ('00000000-0000-4000-8000-0000000000a3', 1, 'Archived', '', 1, true, now()),
            ('00000000-0000-4000-8000-0000000000b1', 2, 'Beta bot', '', 1, false, now());
        insert into participant (team_id, platform, identifier, remote_id) values (1, 'api', 'known@example.org', 'r-1');)");
    return url;
}

inline domain::NewSession a_session(std::string id, domain::TeamId team = alpha)
{
    return {.team_id = team,
            .id = std::move(id),
            .experiment = team == alpha ? alpha_bot : beta_bot,
            .participant_identifier = "known@example.org",
            .state = {"{}"},
            .created_at = at("2026-01-01T00:00:00.000001Z"),
            .messages = {}};
}

inline domain::NewMessage a_message(std::string rendered)
{
    return {at("2026-01-01T00:00:01Z"), std::move(rendered)};
}

// A store and two contexts that wait for its answers.
class StoreUnderTest
{
  public:
    explicit StoreUnderTest(StoreSettings settings) : store_(std::make_unique<Store>(std::move(settings), clock_, telemetry_)) {}
    ~StoreUnderTest() { store_->stop(std::chrono::milliseconds(500)); }

    [[nodiscard]] Store& store() { return *store_; }
    [[nodiscard]] domain::SessionStore& sessions() { return store_->sessions(); }
    [[nodiscard]] telemetry::Telemetry& telemetry() { return telemetry_; }

    template <class T>
    T run(boost::asio::awaitable<T> coroutine)
    {
        return support::run_coro(contexts_[0], std::move(coroutine), std::chrono::seconds(30));
    }

    // Runs them all at once, spread over two I/O threads; the results in the same order.
    template <class T>
    std::vector<T> run_all(std::vector<std::function<boost::asio::awaitable<T>()>> const& calls)
    {
        std::vector<std::optional<T>> results(calls.size());
        for (std::size_t i = 0; i < calls.size(); ++i)
        {
            auto const keep = [&place = results[i]](std::exception_ptr failure, T value)
            {
                if (!failure) place.emplace(std::move(value));
            };
            boost::asio::co_spawn(contexts_[i % 2], calls[i](), keep);
        }
        for (auto& context : contexts_)
            context.restart();
        std::thread other([&] { contexts_[1].run_for(std::chrono::seconds(60)); });
        contexts_[0].run_for(std::chrono::seconds(60));
        other.join();
        std::vector<T> values;
        for (auto& result : results)
        {
            if (!result) throw std::runtime_error("a call was not answered");
            values.push_back(std::move(*result));
        }
        return values;
    }

    // The value of a metric's line, by its beginning; 0 where there is none.
    [[nodiscard]] double metric(std::string_view line_begin) const
    {
        auto const text = telemetry_.expose();
        auto const found = text.find("\n" + std::string(line_begin));
        if (found == std::string::npos) return 0;
        auto const end = text.find('\n', found + 1);
        auto const line = text.substr(found + 1, end - found - 1);
        return std::stod(line.substr(line.rfind(' ')));
    }

  private:
    SystemClock clock_;
    telemetry::Telemetry telemetry_{{.log_level = "off", .log_queue_lines_max = 64, .log_file = {}}};
    boost::asio::io_context contexts_[2]; // Outlive the store, which posts its answers here.
    std::unique_ptr<Store> store_;
};

inline StoreSettings settings_for(std::string url)
{
    return {.database_url = std::move(url)};
}

// A world and a store for a whole suite.
class StoreTest : public ::testing::Test
{
  protected:
    static void SetUpTestSuite()
    {
        url_ = make_world();
        store_ = std::make_unique<StoreUnderTest>(settings_for(url_));
    }
    static void TearDownTestSuite() { store_.reset(); }

    static domain::SessionStore& sessions() { return store_->sessions(); }
    template <class T>
    static T run(boost::asio::awaitable<T> coroutine)
    {
        return store_->run(std::move(coroutine));
    }
    static std::string sql(std::string_view text)
    {
        auto out = support::execute_sql(url_, text);
        while (out.ends_with('\n'))
            out.pop_back();
        return out;
    }
    static ProblemCode code_of(auto const& result) { return result ? ProblemCode{} : result.error().code; }

    // Forty lists of both teams at once, every third with its count: each team sees its own. beta has three sessions.
    static void expect_teams_apart_in_one_batch(std::int64_t of_alpha)
    {
        std::vector<std::function<boost::asio::awaitable<Result<domain::Page>>()>> calls;
        for (int i = 0; i < 40; ++i)
            calls.emplace_back(
                [i]
                { return sessions().list({.team_id = i % 2 ? alpha : beta, .page_size = 5, .with_count = i % 3 == 0}, soon()); });
        auto const pages = store_->run_all(calls);
        for (std::size_t i = 0; i < pages.size(); ++i)
        {
            ASSERT_TRUE(pages[i]);
            EXPECT_EQ(pages[i]->sessions.size(), i % 2 ? 5U : 3U);
            EXPECT_EQ(pages[i]->sessions.front().id.starts_with("beta"), i % 2 == 0);
            EXPECT_EQ(pages[i]->count.has_value(), i % 3 == 0);
            EXPECT_EQ(pages[i]->count.value_or(i % 2 ? of_alpha : 3), i % 2 ? of_alpha : 3);
        }
    }

    // A name that no other test has.
    static std::string fresh(std::string_view name) { return std::string(name) + "-" + std::to_string(++counter_); }

    static inline std::string url_;
    static inline std::unique_ptr<StoreUnderTest> store_;
    static inline int counter_ = 0;
};

} // namespace parley::store
