// Credentials, rate counts, what replicas tell each other, and the plans of the statements.
#include "integration/store/store_world.hpp"

#include "embedded.hpp"
#include "statements.hpp"

#include <atomic>

namespace parley::store
{
namespace
{

using namespace std::chrono_literals;

class CredentialTest : public StoreTest
{
  protected:
    static void SetUpTestSuite()
    {
        StoreTest::SetUpTestSuite();
        sql(R"(
            insert into app_user (id, email, is_active, created_at) values (1, 'owner@example.org', true, now()), (2, 'gone@example.org', false, now()), (3, 'alone@example.org', true, now());
            insert into role (name, permissions) values ('R1', '{view_experimentsession}'), ('R2', '{add_experimentsession,view_experimentsession,unknown_thing}');
            insert into membership values (1, 1, '{R1,R2,no such role}'), (1, 2, '{}');
            insert into oauth_application (id, client_id, client_type, grant_type, name, created_at) values (1, 'app', 'public', 'authorization-code', 'App', now());)");
        add_key("good", 1, 1, "false, false, '2030-01-01T00:00:00.25Z'");
        add_key("read-only", 1, 1, "true, false, null");
        add_key("revoked", 1, 1, "false, true, null");
        add_key("inactive", 1, 2, "false, false, null");
        add_key("stranger", 2, 3, "false, false, null");
        add_token("user", "1", "1", "openid sessions:read");
        add_token("machine", "null", "2", "sessions:write sessions:read");
        add_token("no-team", "1", "null", "sessions:reading");
    }
    static void add_key(std::string const& key, int team, int user, std::string const& rest)
    {
        sql("insert into api_key (key_sha256, prefix, team_id, user_id, name, read_only, is_revoked, expires_at, created_at) "
            "values (sha256('" +
            key + "'), '', " + std::to_string(team) + ", " + std::to_string(user) + ", '', " + rest + ", now())");
    }
    static void add_token(std::string const& token, std::string const& user, std::string const& team, std::string const& scope)
    {
        sql("insert into oauth_access_token (token_sha256, application_id, user_id, team_id, scope, expires_at, created_at) "
            "values (sha256('" +
            token + "'), 1, " + user + ", " + team + ", '" + scope + "', '2027-01-01Z', now())");
    }
    static auth::CredentialRecord key(std::string_view text)
    {
        return run(store_->store().credentials().find_api_key(sha256(text), soon())).value().value();
    }
    static auth::CredentialRecord token(std::string_view text)
    {
        return run(store_->store().credentials().find_access_token(sha256(text), soon())).value().value();
    }
};

TEST_F(CredentialTest, a_key_gives_its_team_user_and_the_union_of_the_roles_permissions)
{
    auto const good = key("good");
    EXPECT_EQ(good.principal.team.id, alpha);
    EXPECT_EQ(good.principal.team.slug, "alpha");
    EXPECT_FALSE(good.principal.team.api_rate_limit);
    EXPECT_EQ(good.principal.user_email, "owner@example.org");
    EXPECT_EQ(good.principal.permissions, auth::Permission::view | auth::Permission::add);
    EXPECT_FALSE(good.principal.is_scoped);
    EXPECT_TRUE(good.is_member && good.user_is_active && !good.is_revoked && !good.principal.read_only);
    EXPECT_EQ(good.expires, at("2030-01-01T00:00:00.25Z"));
    EXPECT_TRUE(key("read-only").principal.read_only);
    EXPECT_FALSE(key("read-only").expires);
    EXPECT_TRUE(key("revoked").is_revoked);
    EXPECT_FALSE(key("inactive").user_is_active);
    EXPECT_FALSE(key("stranger").is_member);
    EXPECT_EQ(key("stranger").principal.team.api_rate_limit, "5/1m");
    EXPECT_EQ(key("stranger").principal.permissions, auth::Permission::none);
}

TEST_F(CredentialTest, a_token_gives_its_scopes_by_whole_words)
{
    auto const user = token("user");
    EXPECT_TRUE(user.principal.is_scoped && user.principal.has_read_scope && !user.principal.has_write_scope);
    EXPECT_EQ(user.principal.permissions, auth::Permission::view | auth::Permission::add);
    EXPECT_TRUE(user.is_member);
    auto const machine = token("machine");
    EXPECT_FALSE(machine.principal.user_email);
    EXPECT_EQ(machine.principal.team.id, beta);
    EXPECT_TRUE(machine.is_member && machine.user_is_active && machine.principal.has_read_scope &&
                machine.principal.has_write_scope);
    auto const no_team = token("no-team");
    EXPECT_FALSE(no_team.is_member);
    EXPECT_FALSE(no_team.principal.has_read_scope);
    EXPECT_EQ(machine.expires, at("2027-01-01T00:00:00Z"));
}

TEST_F(CredentialTest, what_is_not_stored_is_not_found_and_does_not_mix_with_what_is)
{
    std::vector<std::function<boost::asio::awaitable<Result<std::optional<auth::CredentialRecord>>>()>> calls;
    for (int i = 0; i < 60; ++i)
    {
        auto const digest = sha256(i % 3 == 0 ? "good" : i % 3 == 1 ? "stranger" : "unknown");
        calls.emplace_back([digest] { return store_->store().credentials().find_api_key(digest, soon()); });
    }
    auto const results = store_->run_all(calls);
    for (std::size_t i = 0; i < results.size(); ++i)
    {
        ASSERT_TRUE(results[i]);
        EXPECT_EQ(results[i]->has_value(), i % 3 != 2);
        EXPECT_EQ(results[i]->has_value() ? (**results[i]).principal.team.id : 0, i % 3 == 0 ? alpha : i % 3 == 1 ? beta : 0);
    }
    EXPECT_FALSE(run(store_->store().credentials().find_access_token(sha256("good"), soon())).value()) << "a key is no token";
}

TEST_F(CredentialTest, the_next_key_to_end_is_one_that_opens_something)
{
    auto const next = [](std::string_view now)
    { return run(store_->store().credentials().next_key_expiry(at(now), soon())).value(); };
    add_key("ends first", 1, 1, "false, false, '2029-06-01Z'");
    add_key("ends before, but is revoked", 1, 1, "false, true, '2029-05-15Z'");
    add_key("ends before, but its user is inactive", 1, 2, "false, false, '2029-05-16Z'");
    add_key("ends before, but its user is no member", 1, 3, "false, false, '2029-05-17Z'");
    EXPECT_EQ(next("2029-05-01T00:00:00Z"), at("2029-06-01T00:00:00Z"));
    EXPECT_EQ(next("2029-06-01T00:00:00Z"), at("2030-01-01T00:00:00.25Z"));
    EXPECT_EQ(next("2031-01-01T00:00:00Z"), std::nullopt);
    sql("delete from api_key where expires_at between '2029-05-01Z' and '2029-06-01Z'");
}

class CountTest : public StoreTest
{
};

TEST_F(CountTest, replicas_see_each_others_counts)
{
    StoreUnderTest other(settings_for(url_));
    std::vector<rate_limit::CountDelta> const mine{{rate_limit::Scope::api, "1", 4'000'000'200, 300, 5},
                                                   {rate_limit::Scope::credentials, "::1", 4'000'000'200, 300, 2}};
    std::vector<rate_limit::CountDelta> const theirs{{rate_limit::Scope::api, "1", 4'000'000'200, 300, 7},
                                                     {rate_limit::Scope::credentials, "::1", 4'000'000'200, 300, 0},
                                                     {rate_limit::Scope::credentials, "never counted", 4'000'000'200, 300, 0}};
    ASSERT_TRUE(store_->store().counts().exchange(mine));
    auto const sums = other.store().counts().exchange(theirs);
    ASSERT_TRUE(sums);
    std::int64_t api = 0;
    std::int64_t credentials = 0;
    for (auto const& sum : *sums)
        (sum.scope == rate_limit::Scope::api ? api : credentials) += sum.count;
    EXPECT_EQ(api, 12);
    EXPECT_EQ(credentials, 2);
    EXPECT_TRUE(other.store().counts().exchange({}).value().empty());
}

TEST_F(CountTest, windows_that_are_over_are_forgotten)
{
    sql("insert into rate_count values (0, 'old', 0, 60, 1)");
    StoreUnderTest other(settings_for(url_));
    ASSERT_TRUE(other.store().counts().exchange({{rate_limit::Scope::api, "x", 4'000'000'000, 60, 1}}));
    EXPECT_EQ(sql("select count(*) from rate_count where identity = 'old'"), "0");
}

class ReplicaTest : public StoreTest
{
};

template <class Condition>
bool within(std::chrono::milliseconds time, Condition condition)
{
    auto const end = std::chrono::steady_clock::now() + time;
    while (!condition())
    {
        if (std::chrono::steady_clock::now() > end) return false;
        std::this_thread::sleep_for(5ms);
    }
    return true;
}

TEST_F(ReplicaTest, a_change_reaches_the_caches_of_every_replica_within_a_second)
{
    StoreUnderTest first(settings_for(url_));
    StoreUnderTest second(settings_for(url_));
    std::atomic<int> heard{0};
    second.store().on_change([&](std::string_view what) { heard += what == "experiment"; });
    ASSERT_TRUE(within(5s, [&] { return !first.store().why_not_ready() && !second.store().why_not_ready(); }));
    ASSERT_TRUE(first.run(first.sessions().create(a_session("replica"), soon())));
    for (auto* store : {&first, &second})
        for (int i = 0; i < 4; ++i) // Into the caches of both lanes.
            ASSERT_EQ(store->run(store->sessions().retrieve(alpha, "replica", soon()))->session.experiment->name, "Bot");
    sql("begin; update experiment set name = 'Renamed' where id = '" + alpha_bot.str() +
        "'; select pg_notify('parley_changed', 'experiment'); commit");
    EXPECT_TRUE(within(1s, [&] { return heard > 0; }));
    std::this_thread::sleep_for(50ms);
    for (auto* store : {&first, &second})
        for (int i = 0; i < 8; ++i)
            EXPECT_EQ(store->run(store->sessions().retrieve(alpha, "replica", soon()))->session.experiment->name, "Renamed");
}

TEST_F(ReplicaTest, losing_the_listening_connection_is_told_and_mended)
{
    StoreUnderTest store(settings_for(url_));
    std::atomic<int> lost{0};
    std::atomic<int> listening{0};
    store.store().on_change(
        [&](std::string_view what)
        {
            lost += what == "lost";
            listening += what == "listening";
        });
    ASSERT_TRUE(within(5s, [&] { return !store.store().why_not_ready(); }));
    auto const before = listening.load();
    sql("select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = 'parley listener' and datname = "
        "current_database()");
    EXPECT_TRUE(within(2s, [&] { return lost > 0; }));
    EXPECT_TRUE(within(5s, [&] { return listening > before; }));
}

TEST_F(ReplicaTest, an_older_schema_is_not_ready)
{
    auto const url = support::new_database();
    StoreUnderTest store(settings_for(url));
    ASSERT_TRUE(store.store().wait_until_up(5s));
    EXPECT_TRUE(within(5s, [&] { return store.store().why_not_ready().value_or("").find("migrate") != std::string::npos; }));
    SystemClock const clock;
    migrate(url, clock);
    EXPECT_TRUE(within(8s, [&] { return !store.store().why_not_ready(); }));
}

// Every hot statement walks an index, whether tables are empty, small or large, analysed or not.
class PlanTest : public StoreTest
{
  protected:
    // The plan that a lane would get; parameters spelled as SQL.
    static std::string plan(std::string_view name, std::string const& parameters, ListForm const& form = {})
    {
        Connection connection({.database_url = url_});
        auto const text = sql_text(name);
        bool const is_list = text.find(":limit") != std::string_view::npos;
        connection.execute("prepare checked as " + (is_list ? complete_list(text, form) : std::string(text)));
        auto const rows = connection.execute("explain (costs off) execute checked(" + parameters + ")");
        std::string out;
        for (std::size_t i = 0; i < rows.size(); ++i)
            out.append(rows[i][0]).append("\n");
        return out;
    }
    static void expect_index_plans(std::string const& when)
    {
        std::string const keys = "'{1}', '{x}'";
        std::string const places = "'{1}', '{infinity}', '{x}'";
        std::vector<std::pair<std::string, std::string>> const statements{
            {"session_list", places + ", '{t}'"},
            {"session_list_by_experiment", places + ", '{t}', '{00000000-0000-4000-8000-0000000000a1}'"},
            {"session_list_by_facet",
             "1, 'infinity', '', 1::smallint, '{a,b}', 2::smallint, '{c}', '00000000-0000-4000-8000-0000000000a1', true"},
            {"session_list_by_experiment_and_facet",
             "1, 'infinity', '', 1::smallint, '{a,b}', 2::smallint, '{c}', '00000000-0000-4000-8000-0000000000a1', true"},
            {"session_list_weigh", "1, '{a}', '{b}', '00000000-0000-4000-8000-0000000000a1'"},
            {"session_list_count_by_facet",
             "1, 1::smallint, '{a,b}', 2::smallint, '{c}', '00000000-0000-4000-8000-0000000000a1', true"},
            {"session_list_count_by_version", "1, 'a', '00000000-0000-4000-8000-0000000000a1', true"},
            {"session_list_states", keys},
            {"session_retrieve", keys + ", 200, 1000"},
            {"session_retrieve_messages", "1, 1, 0, 10, 1000"},
            {"session_create", keys + ", '{1}', '{00000000-0000-4000-8000-0000000000a1}', '{p}', '{s}', '{infinity}', '{1}', "
                                      "'{1}', '{1}', '{0}', '{infinity}', '{m}', 1::smallint"},
            {"session_create_look", keys},
            {"session_end_experiment_session", keys + ", '{infinity}'"},
            {"session_update_state", keys + ", '{s}', '{infinity}'"},
            {"session_add_tags_find", keys},
            {"session_add_tags_ensure", keys},
            {"session_add_tags", keys + ", '{1}', '{1}', '{1}', '{t}'"},
            {"session_remove_tags_lock", keys},
            {"session_remove_tags", keys + ", '{1}', '{1}', '{t}'"},
            {"experiment_find", "'{00000000-0000-4000-8000-0000000000a1}'"},
            {"credential_find_api_key", "'{x}'"},
            {"credential_find_access_token", "'{x}'"},
            {"rate_count_exchange", "'{1}', '{x}', '{1}', '{1}', '{1}'"},
        };
        for (auto const& [name, parameters] : statements)
            for (bool const descending : {true, false})
            {
                auto const text = plan(name, parameters, {.descending = descending, .rows = 26});
                EXPECT_EQ(text.find("Seq Scan"), std::string::npos) << when << " " << name << "\n" << text;
                EXPECT_EQ(text.find("Hash Join"), std::string::npos) << when << " " << name << "\n" << text;
                EXPECT_EQ(text.find("hashed SubPlan") != std::string::npos, name == "session_create")
                    << when << " " << name << "\n"
                    << text;
                EXPECT_EQ(text.find("Bitmap"), std::string::npos) << when << " " << name << "\n" << text;
                bool const must_not_sort = name == "session_list" || name == "session_list_by_experiment";
                EXPECT_FALSE(must_not_sort && text.find("Sort") != std::string::npos) << when << "\n" << text;
            }
    }
};

TEST_F(PlanTest, every_statement_walks_indexes_at_every_size)
{
    expect_index_plans("empty");
    sql("analyze");
    expect_index_plans("empty and analysed");
    auto const fill = [](int from, int to)
    {
        sql("insert into session (team_id, participant_id, created_at, updated_at, experiment_id, status, id, "
            "participant_identifier, number)"
            " select 1 + i % 20, 1, timestamptz '2026-01-01Z' + i * interval '1 minute', now(), "
            "'00000000-0000-4000-8000-0000000000a1', 0, 'p' || i, 'known@example.org', i from generate_series(" +
            std::to_string(from) + ", " + std::to_string(to) +
            ") i;"
            "insert into message select team_id, number, 0, now(), '{}' from session where number between " +
            std::to_string(from) + " and " + std::to_string(to) +
            ";"
            "insert into session_facet select team_id, 1 + number % 2, 't' || number % 7, created_at, id from session where "
            "number between " +
            std::to_string(from) + " and " + std::to_string(to) +
            ";"
            "insert into tag (team_id, name) select 1 + i % 20, 't' || i from generate_series(" +
            std::to_string(from) + ", " + std::to_string(to) + ") i");
    };
    fill(1, 50);
    expect_index_plans("small");
    sql("analyze");
    expect_index_plans("small and analysed");
    fill(51, 30000);
    sql("vacuum analyze");
    expect_index_plans("large and analysed");
}

} // namespace
} // namespace parley::store
