// The store on a database that is spread by team: what Citus takes for one team only is asked team by team, and the answers are
// the same. No Citus is needed for that: the table in which it keeps what is distributed is enough.
#include "store_world.hpp"

namespace parley::store
{
namespace
{

class SpreadStoreTest : public StoreTest
{
  protected:
    static void SetUpTestSuite()
    {
        url_ = make_world();
        sql("create table citus_tables (table_name regclass, citus_table_type text);"
            "insert into citus_tables values ('session', 'distributed');"
            "insert into session (team_id, participant_id, created_at, updated_at, experiment_id, status, id, "
            "participant_identifier)"
            " select 1, 1, timestamptz '2026-01-01Z' + i * interval '1 hour', now(),"
            " case when i % 3 = 0 then '00000000-0000-4000-8000-0000000000a2'::uuid else '00000000-0000-4000-8000-0000000000a1' "
            "end,"
            " 0, 'alpha' || i, 'a' from generate_series(1, 30) i;"
            "insert into session (team_id, participant_id, created_at, updated_at, experiment_id, status, id, "
            "participant_identifier)"
            " select 2, 1, timestamptz '2026-01-01Z', now(), '00000000-0000-4000-8000-0000000000b1', 0, 'beta' || i, 'b'"
            " from generate_series(1, 3) i;"
            "insert into session_count select team_id, experiment_id, 5, count(*) from session group by 1, 2");
        store_ = std::make_unique<StoreUnderTest>(settings_for(url_));
    }

    // Connections whose last statement was this one.
    static std::string last_run(std::string_view part)
    {
        return sql("select count(*) > 0 from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and "
                   "position('" +
                   std::string(part) + "' in query) > 0");
    }
};

TEST_F(SpreadStoreTest, lists_of_several_teams_are_a_statement_for_each)
{
    ASSERT_NO_FATAL_FAILURE(expect_teams_apart_in_one_batch(30));
    for (int i = 0; i < 10; ++i) // The chatbots are known now: nothing is run behind the lists.
        ASSERT_TRUE(run(sessions().list({.team_id = alpha, .page_size = 5}, soon())));
    EXPECT_EQ(last_run("x.team_id = $5::bigint"), "t");
}

TEST_F(SpreadStoreTest, a_list_of_a_chatbot_too)
{
    domain::ListQuery query{.team_id = alpha, .page_size = 4, .with_count = true};
    query.experiment = alpha_other_bot;
    std::vector<std::string> walked;
    for (;;)
    {
        auto const page = run(sessions().list(query, soon()));
        ASSERT_TRUE(page);
        EXPECT_EQ(page->count.value_or(10), 10);
        for (auto const& session : page->sessions)
            walked.emplace_back(session.id);
        if (!page->next) break;
        query.cursor = page->next;
    }
    EXPECT_EQ(walked.size(), 10U);
    EXPECT_EQ(walked.front(), "alpha30");
    EXPECT_EQ(walked.back(), "alpha3");
    EXPECT_EQ(last_run("x.team_id = $6::bigint"), "t");
}

TEST_F(SpreadStoreTest, tags_are_taken_from_sessions_of_several_teams)
{
    std::vector<std::pair<domain::TeamId, std::string>> const tagged{{alpha, "alpha1"}, {alpha, "alpha2"}, {beta, "beta1"}};
    for (auto const& [team, id] : tagged)
        ASSERT_TRUE(run(sessions().add_tags(team, id, {"stays", "goes"}, soon())));
    std::vector<std::function<boost::asio::awaitable<Result<domain::JsonText>>()>> calls;
    for (auto const& [team, id] : tagged)
        calls.emplace_back([team = team, id = id] { return sessions().remove_tags(team, id, {"goes"}, soon()); });
    for (auto const& left : store_->run_all(calls))
        EXPECT_EQ(left->text, R"(["stays"])");
    EXPECT_EQ(sql("select count(*) from session_facet where value = 'goes'"), "0");
}

TEST_F(SpreadStoreTest, keys_that_stand_for_nothing_any_more_are_taken_away)
{
    sql("insert into idempotency_key select 1, sha256(i::text::bytea), sha256('x'), 'gone', timestamptz '2020-01-01Z' from "
        "generate_series(1, 50) i");
    domain::Reservation const wish{.request = sha256("a"), .session_id = "wish", .created_at = at("2026-01-01T00:00:00Z")};
    for (int i = 0; i < 200 && sql("select count(*) from idempotency_key where session_id = 'gone'") != "0"; ++i)
        ASSERT_TRUE(run(sessions().reserve(alpha, sha256(fresh("key")), wish, soon())));
    EXPECT_EQ(sql("select count(*) from idempotency_key where session_id = 'gone'"), "0");
}

} // namespace
} // namespace parley::store
