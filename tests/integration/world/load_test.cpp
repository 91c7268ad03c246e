// A world into a real database and out of it again.
#include "fresh_database.hpp"

#include "parley/core/identifier.hpp"
#include "parley/store/world_reader.hpp"
#include "parley/store/world_writer.hpp"
#include "parley/world/decode.hpp"
#include "parley/world/demo.hpp"
#include "parley/world/load.hpp"
#include "parley/world/synthetic.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <vector>

namespace parley::world
{

namespace
{

void load_small_world(FreshDatabase const& database)
{
    auto administration = database.administration();
    load(administration, small_world(), "small_world.json");
}

std::string dump_of(FreshDatabase const& database)
{
    auto administration = database.administration();
    std::ostringstream out;
    dump(administration, out);
    return out.str();
}

std::string refusal_of(FreshDatabase const& database, std::string const& text)
{
    auto administration = database.administration();
    try
    {
        load(administration, text, "test");
        return "none";
    }
    catch (std::exception const& error)
    {
        return error.what();
    }
}

std::string counts(FreshDatabase const& database)
{
    return database.sql("select (select count(*) from team), (select count(*) from app_user), (select count(*) from api_key), "
                        "(select count(*) from role), (select count(*) from session), (select count(*) from message), (select "
                        "count(*) from audit)");
}

std::vector<std::string> const secrets{
    "small-password-ada",   "small-password-cleo",  "small-key-secret-0001", "small-key-secret-0002", "small-client-secret",
    "small-machine-secret", "small-access-token-1", "small-access-token-2",  "small-access-token-3",  "small-refresh-token",
    "small-code-1",         "small-cookie-000",     "small-embed-key"};

} // namespace

// As where a release without them has loaded worlds before.
TEST(LoadWorld, version_counts_of_what_was_there_before_are_made_by_their_migration)
{
    FreshDatabase const database;
    load_small_world(database);
    auto const counted = database.sql("select sum(sessions) from session_version_count");
    EXPECT_GT(std::stoi(counted), 0);
    static_cast<void>(database.sql("drop table session_version_count; delete from schema_migration where number = 6"));
    store::migrate(database.url(), database.clock);
    EXPECT_EQ(database.sql("select sum(sessions) from session_version_count"), counted);
    EXPECT_EQ(database.broken_rules(), "");
}

TEST(LoadWorld, keeps_what_the_service_relies_on)
{
    FreshDatabase database;
    load_small_world(database);
    EXPECT_EQ(database.broken_rules(), "");
    EXPECT_EQ(counts(database), "2|3|2|6|3|4|1");
}

TEST(LoadWorld, writes_sessions_as_the_service_would)
{
    FreshDatabase database;
    load_small_world(database);
    auto const of_first = " from session where id = 'thread.1712345678.000100'";
    EXPECT_EQ(database.sql(std::string("select tags") + of_first), R"(["vip","Zebra","apple","vip","both"])");
    EXPECT_EQ(database.sql(std::string("select array_to_json(tag_names)") + of_first), R"(["Zebra","vip","apple","vip","both"])");
    EXPECT_EQ(database.sql(std::string("select usage") + of_first),
              R"({"total_cost":"0.01680001","by_model":[{"model_name":"big-x","cost":"0.01680000","tokens":1251},)"
              R"({"model_name":"small-y","cost":"0.00000001","tokens":10}]})");
    EXPECT_EQ(database.sql(std::string("select has_links, message_count, token_required, platform") + of_first), "t|3|t|api");
    EXPECT_EQ(database.sql("select platform is null, token_required, ended_at from session where team_id = 2"),
              "t|f|2026-01-01 00:00:00+00");
    EXPECT_EQ(database.sql("select platform = '' from session where id = 'UPPER'"), "t");
}

TEST(LoadWorld, messages_of_one_moment_keep_their_order)
{
    FreshDatabase database;
    load_small_world(database);
    EXPECT_EQ(database.sql("select position, role, content = 'later' from message_readable where session_id like 'thread%' order "
                           "by position, role desc"),
              "0|system|f\n1|system|f\n1|assistant|t\n2|user|f");
}

TEST(LoadWorld, no_secret_is_anywhere_in_the_database)
{
    FreshDatabase database;
    load_small_world(database);
    auto const everything = database.everything();
    EXPECT_NE(everything.find("AdaNorth"), std::string::npos);
    for (auto const& secret : secrets)
        EXPECT_EQ(everything.find(secret), std::string::npos) << secret;
}

TEST(LoadWorld, is_recorded)
{
    FreshDatabase database;
    load_small_world(database);
    EXPECT_EQ(database.sql("select actor, action, subject, detail from audit"),
              R"(tester|world.load|small_world.json|{"teams":2,"users":3,"sessions":3,"messages":4})");
}

TEST(LoadWorld, what_exists_already_is_refused_and_nothing_changes)
{
    FreshDatabase database;
    load_small_world(database);
    auto const before = counts(database);
    EXPECT_EQ(refusal_of(database, small_world()), "team \"north\" exists already, and 11 more of the world: nothing was loaded");
    EXPECT_EQ(refusal_of(database,
                         R"({"teams": [{"slug": "west", "name": "W"}], "users": [{"key": "a", "email": "ada@north.example"}]})"),
              "user \"ada@north.example\" exists already: nothing was loaded");
    EXPECT_EQ(counts(database), before);
}

TEST(LoadWorld, a_failure_late_in_the_file_leaves_nothing_behind)
{
    FreshDatabase database;
    load_small_world(database);
    auto const before = counts(database);
    // Archivist is somebody's role already, with other permissions.
    auto const refusal =
        refusal_of(database, R"({"teams": [{"slug": "west", "name": "W"}], "roles": {"New": [], "Archivist": []}})");
    EXPECT_EQ(refusal, "role \"Archivist\" exists already with other permissions, and somebody has it: nothing was loaded");
    EXPECT_EQ(counts(database), before);

    auto administration = database.administration();
    auto world = decode(R"({"teams": [{"slug": "west", "name": "W"}]})");
    {
        store::WorldWriter writer(administration);
        writer.write(world.rows);
    } // Left without commit.
    EXPECT_EQ(counts(database), before);
}

TEST(LoadWorld, an_unknown_part_changes_nothing)
{
    FreshDatabase database;
    auto const before = counts(database);
    EXPECT_EQ(refusal_of(database, R"({"teams": [{"slug": "west", "name": "W"}], "robots": []})"), "$.robots: is unknown here");
    EXPECT_EQ(refusal_of(database, R"({"teams": [{"slug": "west", "name": "W", "api_rate_limit": "much"}]})"),
              "\"much\" is no limit: write requests/window, for example 2000/5m");
    EXPECT_EQ(counts(database), before);
}

TEST(LoadWorld, roles_of_the_database_take_the_worlds_permissions_while_nobody_has_them)
{
    FreshDatabase database;
    EXPECT_EQ(refusal_of(database, R"({"roles": {"Team Admin": ["view_experimentsession"]}})"), "none");
    EXPECT_EQ(database.sql("select permissions from role where name = 'Team Admin'"), "{view_experimentsession}");
}

TEST(DumpWorld, has_digests_in_place_of_secrets)
{
    FreshDatabase database;
    load_small_world(database);
    auto const text = dump_of(database);
    for (auto const& secret : secrets)
        EXPECT_EQ(text.find(secret), std::string::npos) << secret;
    auto const holds = [&](std::string const& member, std::string const& secret)
    { return text.find("\"" + member + "\": \"" + to_hex(sha256(secret)) + "\"") != std::string::npos; };
    EXPECT_TRUE(holds("key_sha256", "AdaNorth.small-key-secret-0001"));
    EXPECT_TRUE(holds("token_sha256", "small-access-token-1"));
    EXPECT_TRUE(holds("token_sha256", "small-refresh-token-2"));
    EXPECT_TRUE(holds("code_sha256", "small-code-1"));
    EXPECT_TRUE(holds("cookie_sha256", "small-cookie-0002"));
    EXPECT_TRUE(holds("embed_key_sha256", "small-embed-key-1"));
    EXPECT_NE(text.find("\"password_hash\": \"$argon2id$"), std::string::npos);
    EXPECT_NE(text.find("\"client_secret_hash\": \"$argon2id$"), std::string::npos);
}

TEST(DumpWorld, loaded_into_an_empty_database_dumps_the_same)
{
    FreshDatabase first;
    load_small_world(first);
    // Times that the file does not have: rows made by hand.
    first.clock.advance(std::chrono::hours(1));
    {
        auto administration = first.administration();
        administration.create_team("by-hand", "By hand", std::nullopt);
        static_cast<void>(administration.create_key(
            {.team = "north", .email = "ada@north.example", .name = "by hand", .read_only = true, .expires_at = {}}));
    }
    auto const dumped = dump_of(first);
    EXPECT_NE(dumped.find(R"({"slug": "by-hand", "name": "By hand", "created_at": "2026-06-01T13:00:00.123456Z"})"),
              std::string::npos);
    EXPECT_NE(dumped.find(R"({"slug": "north", "name": "North Team"})"), std::string::npos);

    FreshDatabase second;
    second.clock.advance(std::chrono::hours(100));
    EXPECT_EQ(refusal_of(second, dumped), "none");
    EXPECT_EQ(dump_of(second), dumped);
    EXPECT_EQ(second.broken_rules(), "");
    // And what the API reads is the same, byte for byte.
    auto const answers =
        "select s.id, s.tags, s.tag_names, s.state, s.usage, m.position, m.rendered, m.original_metadata from session s "
        "left join message m on m.team_id = s.team_id and m.session_number = s.number order by 1, 6";
    EXPECT_EQ(second.sql(answers), first.sql(answers));
}

TEST(DumpWorld, says_what_the_file_said)
{
    FreshDatabase database;
    load_small_world(database);
    auto const original = decode(small_world());
    auto const dumped = decode(dump_of(database));
    ASSERT_EQ(dumped.sessions.size(), original.sessions.size());
    for (std::size_t i = 0; i < dumped.sessions.size(); ++i)
    {
        auto const& was = original.sessions[i];
        auto const& is = dumped.sessions[i];
        EXPECT_EQ(is.row.id, was.row.id);
        EXPECT_EQ(is.row.state, was.row.state);
        EXPECT_EQ(is.row.tags, was.row.tags);
        EXPECT_EQ(is.row.platform, was.row.platform);
        EXPECT_EQ(is.row.status, was.row.status);
        EXPECT_EQ(is.row.created_at, was.row.created_at);
        EXPECT_EQ(is.row.updated_at, was.row.updated_at);
        EXPECT_EQ(is.row.ended_at, was.row.ended_at);
        EXPECT_EQ(is.row.channel, was.row.channel);
        EXPECT_EQ(is.row.token_required, was.row.token_required);
        ASSERT_EQ(is.messages.size(), was.messages.size());
        EXPECT_EQ(is.row.usage.size(), was.row.usage.size());
    }
    auto const& message = dumped.sessions[0].messages[1]; // The file's first, which is not the earliest.
    EXPECT_EQ(message.content, "later");
    EXPECT_EQ(message.summary, "so far: greetings");
    EXPECT_EQ(message.metadata, original.sessions[0].messages[0].metadata);
    EXPECT_EQ(message.tags, original.sessions[0].messages[0].tags);
    ASSERT_EQ(dumped.rows.refresh_tokens.size(), 2U);
    EXPECT_EQ(std::ranges::count_if(dumped.rows.refresh_tokens, [](auto const& token) { return token.revoked_at.has_value(); }),
              1);
    EXPECT_EQ(dumped.rows.channels[0].allowed_domains, original.rows.channels[0].allowed_domains);
    EXPECT_EQ(dumped.rows.applications[0].redirect_uris, original.rows.applications[0].redirect_uris);
    EXPECT_EQ(dumped.rows.teams[1].api_rate_limit, "50/1m");
}

TEST(DumpWorld, a_redeemed_code_does_not_come_back_to_life)
{
    FreshDatabase database;
    load_small_world(database);
    static_cast<void>(database.sql("update oauth_grant set redeemed_at = now()"));
    EXPECT_TRUE(decode(dump_of(database)).rows.grants.empty());
}

TEST(DumpWorld, sees_one_moment_whatever_is_written_meanwhile)
{
    FreshDatabase database;
    load_small_world(database);
    auto reading = database.administration();
    store::WorldReader reader(reading);
    auto writing = database.administration();
    writing.create_team("later", "Later", std::nullopt);
    static_cast<void>(database.sql("delete from message; delete from session"));
    EXPECT_EQ(reader.rows().teams.size(), 2U);
    auto const sessions = reader.next_sessions();
    ASSERT_EQ(sessions.size(), 3U);
    EXPECT_EQ(sessions[0].messages.size(), 3U);
    EXPECT_TRUE(reader.next_sessions().empty());
}

TEST(DumpWorld, of_an_empty_database_loads)
{
    FreshDatabase first;
    FreshDatabase second;
    EXPECT_EQ(refusal_of(second, dump_of(first)), "none");
}

TEST(Demo, is_made_on_an_empty_database_only)
{
    FreshDatabase database;
    auto administration = database.administration();
    auto const demo = make_demo(administration, database.clock);
    ASSERT_TRUE(demo);
    EXPECT_EQ(database.broken_rules(), "");
    EXPECT_EQ(database.sql("select encode(key_sha256, 'hex') from api_key"), to_hex(sha256(demo->key)));
    EXPECT_EQ(database.sql("select id from experiment"), demo->experiment.str());
    EXPECT_EQ(database.sql("select message_count > 0 and tags <> '[]' and state <> '{}' from session where id = '" +
                           demo->session_id + "'"),
              "t");
    EXPECT_EQ(database.everything().find(demo->key), std::string::npos);
    EXPECT_FALSE(make_demo(administration, database.clock));
}

TEST(Synthetic, rows_are_what_the_service_would_have_written)
{
    FreshDatabase database;
    auto administration = database.administration();
    auto const settings = parse_synthetic("teams=3,sessions=400,messages=4,participants=7,chatbots=2,tags=5");
    auto const report = synthesize(administration, settings, database.clock, [](std::size_t) {});
    EXPECT_EQ(report.rows.sessions, 1200U);
    EXPECT_EQ(report.rows.messages, 4800U);
    ASSERT_EQ(report.keys.size(), 3U);
    EXPECT_EQ(database.broken_rules(), "");
    EXPECT_EQ(database.sql("select count(*), count(distinct participant_id), count(distinct experiment_id), "
                           "sum(cardinality(tag_ids)) from session "
                           "where team_id = 2"),
              "400|7|2|520");
    EXPECT_EQ(
        database.sql("select count(*) from api_key where encode(key_sha256, 'hex') = '" + to_hex(sha256(report.keys[1])) + "'"),
        "1");
    EXPECT_EQ(database.sql("select avg(octet_length(content)) between 150 and 250 from message_readable"), "t");
}

TEST(Synthetic, sizes_that_make_no_sense_are_refused)
{
    EXPECT_EQ(parse_synthetic("").teams, 50);
    EXPECT_EQ(parse_synthetic("messages=0").messages, 0);
    EXPECT_THROW(static_cast<void>(parse_synthetic("teams=0")), std::invalid_argument);
    EXPECT_THROW(static_cast<void>(parse_synthetic("teams=many")), std::invalid_argument);
    EXPECT_THROW(static_cast<void>(parse_synthetic("bots=5")), std::invalid_argument);
    EXPECT_THROW(static_cast<void>(parse_synthetic("teams")), std::invalid_argument);
}

} // namespace parley::world
