// Lists: total order, both directions, every filter and combination, counts.
#include "integration/store/store_world.hpp"

#include <set>

namespace parley::store
{
namespace
{

using domain::ListQuery;
using domain::Order;

// 60 sessions of alpha: times in groups of seven that tie, two chatbots, tags and version tags in turn; three of beta.
class SessionListTest : public StoreTest
{
  protected:
    static void SetUpTestSuite()
    {
        StoreTest::SetUpTestSuite();
        sql(R"(
            insert into session (team_id, participant_id, created_at, updated_at, experiment_id, status, id, participant_identifier, tag_names, tags)
            select 1, 1, timestamptz '2026-01-01Z' + (i / 7) * interval '1 hour', now(),
                   case when i % 3 = 0 then '00000000-0000-4000-8000-0000000000a2'::uuid else '00000000-0000-4000-8000-0000000000a1' end,
                   i % 6, 's' || md5(i::text), 'known@example.org', '{}', '[]'
            from generate_series(0, 59) i;
            insert into session (team_id, participant_id, created_at, updated_at, experiment_id, status, id, participant_identifier)
            select 2, 1, timestamptz '2026-01-01Z', now(), '00000000-0000-4000-8000-0000000000b1', 0, 'beta' || i, 'b' from generate_series(1, 3) i;
            insert into session_count select team_id, experiment_id, 5, count(*) from session group by 1, 2;
            insert into session_facet select 1, 1, 'even', created_at, id from session where team_id = 1 and status % 2 = 0;
            insert into session_facet select 1, 1, 'four', created_at, id from session where team_id = 1 and status = 4;
            insert into session_facet select 1, 2, 'v1', created_at, id from session where team_id = 1 and status < 3;
            insert into session_facet select 1, 2, 'v2', created_at, id from session where team_id = 1 and status in (2, 3);
            insert into session_facet select 2, 1, 'even', created_at, id from session where team_id = 2;
            insert into session_version_count select f.team_id, f.value, s.experiment_id, count(*) from session_facet f
            join session s on s.team_id = f.team_id and s.id = f.session_id where f.facet = 2 group by 1, 2, 3;)");
    }

    static domain::Page page(ListQuery query)
    {
        auto result = run(sessions().list(std::move(query), soon()));
        if (!result) throw std::runtime_error(std::string(name_of(result.error().code)));
        return std::move(*result);
    }

    static std::vector<std::string> ids(domain::Page const& page)
    {
        std::vector<std::string> out;
        for (auto const& session : page.sessions)
            out.emplace_back(session.id);
        return out;
    }

    // Walks all pages forward, checks that they can be walked back the same way, and returns all ids.
    static std::vector<std::string> walk(ListQuery query)
    {
        std::vector<std::vector<std::string>> forward;
        std::vector<std::string> all;
        query.cursor.reset();
        for (;;)
        {
            auto const here = page(query);
            EXPECT_EQ(here.previous.has_value(), query.cursor.has_value());
            forward.push_back(ids(here));
            all.insert(all.end(), forward.back().begin(), forward.back().end());
            if (!here.next) break;
            EXPECT_EQ(here.sessions.size(), static_cast<std::size_t>(query.page_size));
            query.cursor = here.next;
        }
        auto last = page(query);
        for (auto expected = forward.rbegin() + 1; expected != forward.rend(); ++expected)
        {
            EXPECT_TRUE(last.previous);
            if (!last.previous) break;
            query.cursor = last.previous;
            last = page(query);
            EXPECT_EQ(ids(last), *expected) << "a page backward is not the page forward";
            EXPECT_TRUE(last.next);
        }
        EXPECT_FALSE(last.previous) << "nothing stands before the first page";
        return all;
    }

    static std::vector<std::string> expected(std::string_view where, Order order)
    {
        auto const direction = order == Order::newest_first ? "desc" : "asc";
        auto const rows = sql("select id from session where team_id = 1 and " + std::string(where) + " order by created_at " +
                              direction + ", id " + direction);
        std::vector<std::string> out;
        for (std::size_t begin = 0; begin < rows.size();)
        {
            auto const end = std::min(rows.find('\n', begin), rows.size());
            out.push_back(rows.substr(begin, end - begin));
            begin = end + 1;
        }
        return out;
    }
};

TEST_F(SessionListTest, every_filter_and_order_and_size_yields_every_session_once_in_order)
{
    struct Case
    {
        std::string where;
        std::optional<Uuid> experiment;
        std::optional<std::vector<std::string>> tags;
        std::optional<std::vector<std::string>> versions;
    };
    std::vector<std::string> const v12{"v1", "v2"};
    std::vector<Case> const cases{
        {"true", {}, {}, {}},
        {"experiment_id = '" + alpha_bot.str() + "'", alpha_bot, {}, {}},
        {"status % 2 = 0", {}, {{"even"}}, {}},
        {"status % 2 = 0", {}, {{"four", "even", "even", "nobody has it"}}, {}},
        {"status < 4", {}, {}, v12},
        {"status in (2, 3)", {}, {}, {{"v2"}}},
        {"status in (0, 2)", {}, {{"even"}}, {{"v1", "v2"}}},
        {"status % 2 = 0 and experiment_id = '" + alpha_bot.str() + "'", alpha_bot, {{"even", "four"}}, {}},
        {"status < 3 and experiment_id = '" + alpha_other_bot.str() + "'", alpha_other_bot, {}, {{"v1"}}},
        {"status in (0, 2) and experiment_id = '" + alpha_other_bot.str() + "'", alpha_other_bot, {{"even"}}, v12},
        {"false", {}, {{"nobody has it"}}, {}},
        {"false", beta_bot, {}, {}},
    };
    for (auto const& one : cases)
        for (auto const order : {Order::newest_first, Order::oldest_first})
            for (int const size : {1, 4, 7, 25, 100})
            {
                ListQuery const query{.team_id = alpha,
                                      .order = order,
                                      .page_size = size,
                                      .experiment = one.experiment,
                                      .tags = one.tags,
                                      .versions = one.versions};
                EXPECT_EQ(walk(query), expected(one.where, order)) << one.where << " size " << size;
                ListQuery counted = query;
                counted.with_count = true;
                EXPECT_EQ(page(counted).count, static_cast<std::int64_t>(expected(one.where, order).size())) << one.where;
            }
}

TEST_F(SessionListTest, a_list_row_carries_what_the_answer_needs)
{
    auto const first = page({.team_id = beta, .page_size = 2});
    ASSERT_EQ(first.sessions.size(), 2U);
    EXPECT_EQ(first.sessions[0].id, "beta3");
    EXPECT_EQ(first.sessions[0].experiment->name, "Beta bot");
    EXPECT_EQ(first.sessions[0].created_at, at("2026-01-01T00:00:00Z"));
    EXPECT_EQ(first.sessions[0].participant.identifier, "b");
    EXPECT_FALSE(first.count);
}

TEST_F(SessionListTest, teams_do_not_see_each_other_in_one_batch)
{
    ASSERT_NO_FATAL_FAILURE(expect_teams_apart_in_one_batch(60));
}

TEST_F(SessionListTest, an_empty_list_of_names_matches_nothing)
{
    auto const none = page({.team_id = alpha, .with_count = true, .tags = std::vector<std::string>{}});
    EXPECT_TRUE(none.sessions.empty());
    EXPECT_EQ(none.count, 0);
    EXPECT_FALSE(none.next);
    EXPECT_FALSE(none.previous);
}

TEST_F(SessionListTest, the_page_behind_the_last_leads_back_to_it)
{
    for (auto const order : {Order::newest_first, Order::oldest_first})
    {
        auto const all = expected("true", order);
        ListQuery query{.team_id = alpha, .order = order, .page_size = 10};
        auto const created =
            sql("select to_char(created_at, 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') from session where id = '" + all.back() + "'");
        query.cursor = domain::Cursor{domain::Cursor::Direction::forward, at(created), all.back()};
        auto const behind = page(query);
        EXPECT_TRUE(behind.sessions.empty());
        EXPECT_FALSE(behind.next);
        ASSERT_TRUE(behind.previous);
        query.cursor = behind.previous;
        EXPECT_EQ(ids(page(query)), std::vector<std::string>(all.end() - 10, all.end()));
    }
}

TEST_F(SessionListTest, a_cursor_from_outside_the_calendar_is_no_accident)
{
    for (auto const when : {Timestamp::max(), Timestamp::min(), Timestamp(std::chrono::microseconds(INT64_MAX - 7))})
        EXPECT_NO_THROW(page({.team_id = alpha, .cursor = domain::Cursor{domain::Cursor::Direction::forward, when, "x"}}));
}

TEST_F(SessionListTest, new_sessions_neither_skip_nor_double_a_row_of_a_walk)
{
    ListQuery query{.team_id = alpha, .order = Order::newest_first, .page_size = 9};
    auto const before = expected("true", Order::newest_first);
    std::vector<std::string> seen;
    int made = 0;
    for (;;)
    {
        auto const here = page(query);
        for (auto const& id : ids(here))
            seen.push_back(id);
        if (!here.next) break;
        query.cursor = here.next;
        auto session = a_session("new-" + std::to_string(++made));
        session.created_at = at("2026-03-01T00:00:00Z");
        ASSERT_TRUE(run(sessions().create(session, soon())));
    }
    EXPECT_EQ(seen, before);
    sql("delete from session where id like 'new-%'; update session_count set sessions = sessions where false; delete from "
        "session_count where slot <> 5");
}

TEST_F(SessionListTest, the_count_follows_creates_at_once)
{
    ListQuery query{.team_id = alpha, .page_size = 1, .with_count = true};
    auto const before = *page(query).count;
    std::vector<std::function<boost::asio::awaitable<Result<domain::Session>>()>> calls;
    for (int i = 0; i < 30; ++i)
    {
        auto session = a_session("counted-" + std::to_string(i));
        calls.emplace_back([session] { return sessions().create(session, soon()); });
    }
    for (auto const& result : store_->run_all(calls))
        ASSERT_TRUE(result);
    EXPECT_EQ(page(query).count, before + 30);
    query.experiment = alpha_bot;
    EXPECT_EQ(std::to_string(*page(query).count),
              sql("select count(*) from session where team_id = 1 and experiment_id = '" + alpha_bot.str() + "'"));
    sql("delete from session where id like 'counted-%'; delete from session_count where slot <> 5");
}

TEST_F(SessionListTest, long_states_are_whole_and_a_page_of_them_ends_early)
{
    sql(R"(
        insert into team (id, slug, name, created_at) values (3, 'gamma', 'Gamma', now());
        insert into session (team_id, participant_id, created_at, updated_at, experiment_id, status, id, participant_identifier, state)
        select 3, 1, timestamptz '2026-01-01Z' + i * interval '1 hour', now(), '00000000-0000-4000-8000-0000000000a1', 0, 'long' || i, 'x',
               '{"n":' || i || ',"filler":"' || repeat('x', 12 * 1024 * 1024) || '"}'
        from generate_series(1, 5) i;
        insert into session_facet select 3, 1, 'long', created_at, id from session where team_id = 3;)");
    std::vector<std::string> const newest_first{"long5", "long4", "long3", "long2", "long1"};
    for (auto const& tags : {std::optional<std::vector<std::string>>(), std::optional<std::vector<std::string>>({"long"})})
    {
        ListQuery query{.team_id = 3, .page_size = 5, .tags = tags};
        std::vector<std::string> seen;
        for (;;)
        {
            auto const here = page(query);
            EXPECT_LE(here.sessions.size(), 2U) << "three are more than 32 MiB";
            for (auto const& session : here.sessions)
            {
                seen.emplace_back(session.id);
                EXPECT_GT(session.state.text.size(), 12U << 20);
                EXPECT_TRUE(session.state.text.starts_with("{\"n\":" + seen.back().substr(4) + ","));
            }
            if (!here.next) break;
            query.cursor = here.next;
        }
        EXPECT_EQ(seen, newest_first);
    }

    std::vector<std::function<boost::asio::awaitable<Result<domain::Page>>()>> calls;
    for (int i = 0; i < 6; ++i)
        calls.emplace_back([i] { return sessions().list({.team_id = i % 2 ? 3 : alpha, .page_size = 1}, soon()); });
    for (std::size_t i = 0; auto const& result : store_->run_all(calls))
    {
        ASSERT_TRUE(result);
        EXPECT_EQ(result->sessions.size(), 1U);
        EXPECT_EQ(result->sessions.front().state.text.size() > (12U << 20), i++ % 2 == 1) << "in one batch with short ones";
    }
    sql("delete from session where team_id = 3; delete from session_facet where team_id = 3; delete from team where id = 3");
}

TEST_F(SessionListTest, forty_page_sizes_fit_into_a_lane)
{
    for (int round = 0; round < 2; ++round)
        for (int size = 1; size <= 40; ++size)
            EXPECT_EQ(page({.team_id = alpha, .page_size = size}).sessions.size(), static_cast<std::size_t>(size));
}

} // namespace
} // namespace parley::store
