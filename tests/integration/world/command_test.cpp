// The administrator's command, run as an administrator runs it: what it says, how it exits, what it changes, and what it leaves
// in the record.
#include "fresh_database.hpp"

#include "parley/core/identifier.hpp"
#include "parley/core/json.hpp"
#include "parley/support/child_process.hpp"
#include "parley/support/parleyd_process.hpp"
#include "parley/auth/password_hash.hpp"

#include <gtest/gtest.h>

#include <filesystem>

namespace parley::world
{

namespace
{

using support::CommandResult;

class ParleyCommand : public testing::Test
{
  protected:
    CommandResult run(std::vector<std::string> arguments, std::string input = {}) const
    {
        arguments.insert(arguments.end(), {"--database-url", database.url()});
        return support::run_parley(std::move(arguments), std::move(input));
    }

    // What it prints when all is well.
    std::string good(std::vector<std::string> arguments, std::string input = {}) const
    {
        auto result = run(arguments, std::move(input));
        EXPECT_EQ(result.exit_code, 0) << testing::PrintToString(arguments) << result.err;
        return result.out;
    }

    // What it complains of when it is refused, and that it changes nothing.
    std::string refused(std::vector<std::string> arguments, int exit_code = 1) const
    {
        auto const before = database.everything();
        auto const result = run(arguments);
        EXPECT_EQ(result.exit_code, exit_code) << testing::PrintToString(arguments) << result.out << result.err;
        EXPECT_EQ(result.out, "");
        EXPECT_EQ(database.everything(), before);
        return result.err;
    }

    void make_team() const
    {
        good({"team", "create", "alpha", "--name", "Alpha Team"});
        good({"user", "create", "a@b.c"});
        good({"member", "add", "alpha", "a@b.c", "--role", "Super Admin"});
    }

    std::string last_audit() const { return database.sql("select action, subject, detail from audit order by id desc limit 1"); }

    FreshDatabase database;
};

std::string member(std::string const& object, std::string_view key)
{
    auto const document = json::Document::parse(object);
    if (!document) return "no JSON: " + object;
    auto const root = document->root();
    auto const value = (root.is_array() ? *root.begin() : root).find(key);
    if (!value) return "no " + std::string(key);
    std::string text;
    json::append_compact(text, *value);
    return text;
}

std::string first_line(std::string const& text)
{
    return text.substr(0, text.find('\n'));
}

} // namespace

TEST_F(ParleyCommand, teams)
{
    EXPECT_EQ(good({"team", "create", "alpha", "--name", "Älpha"}), "team \"alpha\" is created\n");
    EXPECT_EQ(last_audit(), R"(team.create|alpha|{"name":"Älpha","api_rate_limit":""})");
    EXPECT_EQ(good({"--json", "team", "create", "beta", "--api-rate-limit=10/1m"}), "{\"slug\":\"beta\",\"name\":\"beta\"}\n");
    EXPECT_EQ(good({"team", "rename", "beta", "Beta Team"}), "team \"beta\" is called \"Beta Team\"\n");
    EXPECT_EQ(good({"team", "set-limit", "alpha", "5/10s"}), "team \"alpha\" has the API limit 5/10s\n");
    EXPECT_EQ(last_audit(), R"(team.limit|alpha|{"api_rate_limit":"5/10s"})");
    EXPECT_EQ(good({"team", "set-limit", "beta", "default"}), "team \"beta\" has no API limit of its own\n");
    EXPECT_EQ(database.sql("select slug, name, api_rate_limit from team order by slug"), "alpha|Älpha|5/10s\nbeta|Beta Team|");
    auto const table = good({"team", "list"});
    EXPECT_NE(table.find("SLUG   NAME       API RATE LIMIT"), std::string::npos) << table;
    EXPECT_EQ(member(good({"team", "list", "--json"}), "slug"), "\"alpha\"");

    EXPECT_EQ(refused({"team", "create", "alpha"}), "parley: team \"alpha\" exists already\n");
    EXPECT_EQ(refused({"team", "create", "no/slash"}),
              "parley: \"no/slash\" is no slug for a team: 1 to 63 of a-z, 0-9, - and _\n");
    EXPECT_EQ(refused({"team", "create", "gamma", "--api-rate-limit", "lots"}),
              "parley: \"lots\" is no limit: write requests/window, for example 2000/5m\n");
    EXPECT_EQ(refused({"team", "rename", "x", "X"}), "parley: team \"x\" does not exist\n");
    EXPECT_EQ(refused({"team", "set-limit", "x", "1/1s"}), "parley: team \"x\" does not exist\n");
}

TEST_F(ParleyCommand, users)
{
    EXPECT_EQ(good({"user", "create", "a@b.c", "--first-name", "Ada"}), "user \"a@b.c\" is created without a password\n");
    EXPECT_EQ(good({"user", "create", "d@e.f", "--password-file", "-", "--json"}, "throwaway-password-1\n"),
              "{\"email\":\"d@e.f\",\"has_password\":true}\n");
    EXPECT_EQ(last_audit(), R"(user.create|d@e.f|{"has_password":true})");
    EXPECT_NE(
        auth::verify_password(database.sql("select password_hash from app_user where email = 'd@e.f'"), "throwaway-password-1"),
        auth::PasswordMatch::none);
    static_cast<void>(database.sql("insert into browser_session values ('\\x00', 2, now(), now())"));
    good({"user", "deactivate", "d@e.f"});
    EXPECT_EQ(last_audit(), "user.deactivate|d@e.f|{}");
    EXPECT_EQ(database.sql("select is_active, (select count(*) from browser_session) from app_user where email = 'd@e.f'"),
              "f|0");
    good({"user", "activate", "d@e.f"});
    EXPECT_EQ(database.sql("select is_active from app_user where email = 'd@e.f'"), "t");
    good({"user", "password", "d@e.f", "--none"});
    EXPECT_EQ(database.sql("select password_hash from app_user where email = 'd@e.f'"), "");
    good({"user", "password", "d@e.f", "--password-file", "-"}, "throwaway-password-2");
    EXPECT_EQ(member(good({"user", "list", "--json"}), "first_name"), "\"Ada\"");
    EXPECT_EQ(database.everything().find("throwaway-password"), std::string::npos);

    EXPECT_EQ(refused({"user", "create", "a@b.c"}), "parley: user \"a@b.c\" exists already\n");
    EXPECT_EQ(refused({"user", "create", "nobody"}), "parley: \"nobody\" is no e-mail address\n");
    EXPECT_EQ(refused({"user", "deactivate", "x@y.z"}), "parley: user \"x@y.z\" does not exist\n");
    EXPECT_EQ(refused({"user", "activate", "x@y.z"}), "parley: user \"x@y.z\" does not exist\n");
    EXPECT_EQ(refused({"user", "password", "x@y.z", "--none"}), "parley: user \"x@y.z\" does not exist\n");
    EXPECT_EQ(refused({"user", "password", "a@b.c"}, 2), "parley: --password, --password-file FILE or --none is missing\n");
    EXPECT_EQ(refused({"user", "create", "g@h.i", "--password-file", "/nowhere/at/all"}),
              "parley: cannot read the file /nowhere/at/all\n");
}

TEST_F(ParleyCommand, members_and_roles)
{
    good({"team", "create", "alpha"});
    good({"user", "create", "a@b.c"});
    EXPECT_EQ(good({"member", "add", "alpha", "a@b.c", "--role", "Super Admin", "--role", "Chat Viewer"}),
              "user \"a@b.c\" is in team \"alpha\"\n");
    EXPECT_EQ(last_audit(), R"(member.add|alpha/a@b.c|{"roles":["Super Admin","Chat Viewer"]})");
    EXPECT_EQ(good({"member", "list", "alpha", "--json"}),
              "[{\"team\":\"alpha\",\"email\":\"a@b.c\",\"roles\":[\"Super Admin\",\"Chat Viewer\"],\"active\":true}]\n");
    EXPECT_EQ(refused({"member", "add", "alpha", "a@b.c"}), "parley: user \"a@b.c\" is in team \"alpha\" already\n");
    good({"role", "create", "Archivist", "--permission", "view", "--permission", "delete_experimentsession"});
    good({"member", "set-roles", "alpha", "a@b.c", "--role", "Archivist"});
    EXPECT_EQ(database.sql("select roles from membership"), "{Archivist}");
    good({"role", "set-permissions", "Archivist", "--permission", "view"});
    EXPECT_EQ(last_audit(), R"(role.permissions|Archivist|{"permissions":["view_experimentsession"]})");
    EXPECT_EQ(member(good({"role", "list", "--json"}), "name"), "\"Annotation Reviewer\"");
    good({"member", "remove", "alpha", "a@b.c"});
    EXPECT_EQ(last_audit(), "member.remove|alpha/a@b.c|{}");
    EXPECT_EQ(good({"member", "list"}), "");

    EXPECT_EQ(refused({"member", "remove", "alpha", "a@b.c"}), "parley: user \"a@b.c\" is not in team \"alpha\"\n");
    EXPECT_EQ(refused({"member", "set-roles", "alpha", "a@b.c"}), "parley: user \"a@b.c\" is not in team \"alpha\"\n");
    EXPECT_EQ(refused({"member", "add", "beta", "a@b.c"}), "parley: team \"beta\" does not exist\n");
    EXPECT_EQ(refused({"member", "add", "alpha", "x@y.z"}), "parley: user \"x@y.z\" does not exist\n");
    EXPECT_EQ(refused({"member", "add", "alpha", "a@b.c", "--role", "Pirate"}), "parley: role \"Pirate\" does not exist\n");
    EXPECT_EQ(refused({"member", "list", "beta"}), "parley: team \"beta\" does not exist\n");
    EXPECT_EQ(refused({"role", "create", "Archivist"}), "parley: role \"Archivist\" exists already\n");
    EXPECT_EQ(refused({"role", "create", "Pirate", "--permission", "plunder"}),
              "parley: \"plunder_experimentsession\" is not a permission on sessions\n");
    EXPECT_EQ(refused({"role", "set-permissions", "Pirate"}), "parley: role \"Pirate\" does not exist\n");
}

TEST_F(ParleyCommand, a_key_is_shown_once_and_stored_as_a_digest)
{
    make_team();
    auto const created = run({"key", "create", "--team", "alpha", "--user", "a@b.c", "--name", "ci"});
    EXPECT_EQ(created.exit_code, 0);
    auto const key = first_line(created.out);
    ASSERT_EQ(key.size(), 8U + 1U + 43U) << key;
    EXPECT_EQ(key[8], '.');
    EXPECT_EQ(created.out, key + "\n");
    EXPECT_EQ(created.err, "API key \"ci\" is created. It is shown this once only:\n");
    EXPECT_EQ(database.sql("select encode(key_sha256, 'hex'), prefix, read_only, is_revoked, expires_at from api_key"),
              to_hex(sha256(key)) + "|" + key.substr(0, 8) + "|f|f|");
    EXPECT_EQ(database.everything().find(key.substr(9)), std::string::npos);
    EXPECT_EQ(good({"key", "list"}).find(key.substr(9)), std::string::npos);
    EXPECT_EQ(good({"audit", "list"}).find(key.substr(9)), std::string::npos);
    EXPECT_EQ(good({"dump"}).find(key.substr(9)), std::string::npos);
}

TEST_F(ParleyCommand, keys_may_be_read_only_and_expire)
{
    make_team();
    auto const json = good({"key", "create", "--team", "alpha", "--user", "a@b.c", "--name", "ro", "--read-only", "--expires",
                            "2099-01-01T00:00:00Z", "--json"});
    EXPECT_EQ(member(json, "read_only"), "true");
    EXPECT_EQ(member(json, "expires_at"), "\"2099-01-01T00:00:00Z\"");
    EXPECT_EQ(member(json, "key").size(), 54U);
    good({"key", "create", "--team", "alpha", "--user", "a@b.c", "--name", "month", "--expires", "30d"});
    EXPECT_EQ(database.sql("select round(extract(epoch from expires_at - created_at) / 86400) from api_key where name = 'month'"),
              "30");
    EXPECT_EQ(refused({"key", "create", "--team", "alpha", "--user", "a@b.c", "--name", "old", "--expires", "2020-01-01"}),
              "parley: the API key would have expired already\n");
    EXPECT_EQ(refused({"key", "create", "--team", "alpha", "--user", "a@b.c", "--name", "x", "--expires", "soon"}, 2),
              "parley: --expires \"soon\": write it like 2027-01-01T00:00:00Z, 2027-01-01 or 30d\n");
}

TEST_F(ParleyCommand, a_key_is_rotated)
{
    make_team();
    auto const old_key = first_line(
        good({"key", "create", "--team", "alpha", "--user", "a@b.c", "--name", "ci", "--read-only", "--expires", "2099-01-01"}));
    auto const new_key = first_line(good({"key", "rotate", "ci"}));
    EXPECT_NE(new_key, old_key);
    EXPECT_EQ(database.sql("select is_revoked, read_only, name, expires_at from api_key order by id"),
              "t|t|ci|2099-01-01 00:00:00+00\nf|t|ci|2099-01-01 00:00:00+00");
    EXPECT_EQ(database.sql("select action, subject, detail ->> 'old_prefix' from audit order by id desc limit 1"),
              "key.rotate|alpha/ci|" + old_key.substr(0, 8));

    good({"key", "rotate", new_key.substr(0, 8), "--grace", "1h"});
    EXPECT_EQ(database.sql("select is_revoked, expires_at < now() + interval '61 minutes' from api_key order by id"),
              "t|f\nf|t\nf|f");
    auto const ambiguous = refused({"key", "rotate", "ci"});
    EXPECT_EQ(ambiguous, "parley: several API keys fit \"ci\": choose one by its id, --id 2 or --id 3\n");
    good({"key", "revoke", "--id", "3"});
    EXPECT_EQ(database.sql("select is_revoked from api_key where id = 3"), "t");
    EXPECT_EQ(refused({"key", "rotate", "nope"}), "parley: API key \"nope\" does not exist\n");
    EXPECT_EQ(refused({"key", "rotate", "ci", "--grace", "ages"}, 2),
              "parley: --grace \"ages\": write it like 90s, 15m, 12h, 30d or 4w\n");
}

TEST_F(ParleyCommand, a_key_is_revoked)
{
    make_team();
    good({"key", "create", "--team", "alpha", "--user", "a@b.c", "--name", "ci"});
    EXPECT_EQ(member(good({"key", "revoke", "ci", "--team", "alpha", "--json"}), "revoked"), "true");
    EXPECT_EQ(database.sql("select action, subject from audit order by id desc limit 1"), "key.revoke|alpha/ci");
    EXPECT_EQ(refused({"key", "revoke", "ci"}), "parley: API key \"ci\" is revoked already\n");
    EXPECT_EQ(refused({"key", "revoke", "--id", "77"}), "parley: API key of id 77 does not exist\n");
    EXPECT_EQ(refused({"key", "revoke", "ci", "--team", "beta"}), "parley: team \"beta\" does not exist\n");
    EXPECT_EQ(refused({"key", "revoke"}, 2), "parley: KEY or --id ID is missing\n");
}

TEST_F(ParleyCommand, a_whole_key_is_as_good_as_its_prefix_and_is_repeated_nowhere)
{
    make_team();
    auto const key = first_line(good({"key", "create", "--team", "alpha", "--user", "a@b.c", "--name", "ci"}));
    good({"key", "revoke", key});
    EXPECT_EQ(database.sql("select is_revoked from api_key"), "t");
    EXPECT_EQ(refused({"key", "revoke", key}), "parley: API key \"" + key.substr(0, 8) + "\" is revoked already\n");
    good({"key", "create", "--team", "alpha", "--user", "a@b.c", "--name", "with.period"});
    good({"key", "revoke", "with.period"});
}

TEST_F(ParleyCommand, a_key_needs_a_member)
{
    make_team();
    good({"user", "create", "d@e.f"});
    EXPECT_EQ(refused({"key", "create", "--team", "alpha", "--user", "d@e.f", "--name", "ci"}),
              "parley: user \"d@e.f\" is not in team \"alpha\": add them first\n");
    EXPECT_EQ(refused({"key", "create", "--team", "alpha", "--user", "x@y.z", "--name", "ci"}),
              "parley: user \"x@y.z\" does not exist\n");
    EXPECT_EQ(refused({"key", "create", "--team", "x", "--user", "a@b.c", "--name", "ci"}),
              "parley: team \"x\" does not exist\n");
    EXPECT_EQ(refused({"key", "create", "--team", "alpha", "--user", "a@b.c"}, 2), "parley: --name NAME is missing\n");
}

TEST_F(ParleyCommand, experiments_and_their_versions)
{
    good({"team", "create", "alpha"});
    auto const id = std::string("00000bb0-0000-4000-8000-000000000001");
    good({"experiment", "create", "--team", "alpha", "--name", "Bot", "--description", "helps", "--id", id});
    EXPECT_EQ(last_audit(), "experiment.create|" + id + R"(|{"team":"alpha","name":"Bot"})");
    auto const first = good({"experiment", "publish", id, "--description", "the first", "--json"});
    EXPECT_EQ(member(first, "version_number"), "1");
    EXPECT_EQ(member(first, "default"), "true");
    EXPECT_EQ(member(good({"experiment", "publish", id, "--json"}), "default"), "false");
    EXPECT_EQ(member(good({"experiment", "publish", id, "--default", "--json"}), "version_number"), "3");
    EXPECT_EQ(database.sql("select version_number, is_default, working_id is null, description from experiment order by "
                           "working_id is not null, version_number"),
              "4|f|t|helps\n1|f|f|helps\n2|f|f|helps\n3|t|f|helps");
    good({"experiment", "archive", id});
    EXPECT_EQ(last_audit(), "experiment.archive|" + id + "|{}");
    EXPECT_EQ(refused({"experiment", "archive", id}), "parley: chatbot " + id + " is archived already\n");
    EXPECT_EQ(refused({"experiment", "publish", id}), "parley: chatbot " + id + " is archived\n");
    good({"experiment", "unarchive", id});
    EXPECT_EQ(database.sql("select bool_or(is_archived) from experiment"), "f");
    EXPECT_EQ(member(good({"experiment", "list", "--team", "alpha", "--json"}), "version_number"), "4");

    auto const nobody = std::string("00000bb0-0000-4000-8000-0000000000ff");
    EXPECT_EQ(refused({"experiment", "create", "--team", "alpha", "--name", "Bot", "--id", id}),
              "parley: chatbot " + id + " exists already\n");
    EXPECT_EQ(refused({"experiment", "create", "--team", "x", "--name", "Bot"}), "parley: team \"x\" does not exist\n");
    EXPECT_EQ(refused({"experiment", "archive", nobody}), "parley: chatbot " + nobody + " does not exist\n");
    EXPECT_EQ(refused({"experiment", "publish", nobody}), "parley: chatbot " + nobody + " does not exist\n");
    EXPECT_EQ(refused({"experiment", "archive", "bot"}, 2), "parley: \"bot\" is not the id of a chatbot: a UUID\n");
    auto const version = database.sql("select id from experiment where version_number = 3");
    EXPECT_EQ(refused({"experiment", "publish", version}),
              "parley: " + version + " is itself a version: publish its head " + id + "\n");
}

TEST_F(ParleyCommand, the_record_is_shown)
{
    make_team();
    auto const all = good({"audit", "list", "--json"});
    EXPECT_EQ(member(all, "action"), "\"member.add\"");
    EXPECT_EQ(member(all, "detail"), R"({"roles":["Super Admin"]})");
    EXPECT_NE(member(all, "actor"), "\"\"");
    EXPECT_EQ(member(good({"audit", "list", "--json", "--subject", "alpha"}), "action"), "\"team.create\"");
    EXPECT_EQ(good({"audit", "list", "--limit", "1"}).find("team.create"), std::string::npos);
    EXPECT_EQ(refused({"audit", "list", "--limit", "none"}, 2), "parley: --limit \"none\": write a number from 1\n");
}

TEST_F(ParleyCommand, loads_and_dumps)
{
    EXPECT_EQ(good({"load", small_world_path()}), "loaded 2 teams, 3 users, 3 sessions and 4 messages\n");
    EXPECT_EQ(refused({"load", small_world_path()}),
              "parley: team \"north\" exists already, and 11 more of the world: nothing was loaded\n");
    support::TemporaryFolder const folder;
    auto const path = (folder.path() / "dump.json").string();
    EXPECT_EQ(good({"dump", path, "--json"}), "{\"teams\":2,\"users\":3,\"sessions\":3,\"messages\":4}\n");
    EXPECT_EQ(std::filesystem::status(path).permissions(),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    auto const dumped = good({"dump"});
    std::ifstream file(path);
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), dumped);

    FreshDatabase other;
    auto const loaded = support::run_parley({"load", "-", "--json", "--database-url", other.url()}, dumped);
    EXPECT_EQ(loaded.out, "{\"teams\":2,\"users\":3,\"sessions\":3,\"messages\":4}\n") << loaded.err;
    EXPECT_EQ(other.sql("select subject from audit"), "standard input");

    EXPECT_EQ(refused({"load", "/nowhere/at/all.json"}), "parley: cannot read the file /nowhere/at/all.json\n");
    EXPECT_EQ(refused({"load"}, 2), "parley: FILE or --synthetic SIZES is missing\n");
    EXPECT_EQ(refused({"dump", "/nowhere/at/all.json"}), "parley: cannot write the file /nowhere/at/all.json\n");
}

TEST_F(ParleyCommand, names_the_place_of_what_is_wrong_in_a_file)
{
    auto const result =
        run({"load", "-"}, R"({"teams": [{"slug": "a", "name": "A"}, {"slug": "b", "colour": "red", "name": "B"}]})");
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_EQ(result.err, "parley: $.teams[1].colour: is unknown here\n");
    EXPECT_EQ(database.sql("select count(*) from team"), "0");
}

TEST_F(ParleyCommand, makes_up_worlds)
{
    support::TemporaryFolder const folder;
    auto const path = (folder.path() / "keys").string();
    EXPECT_EQ(good({"load", "--synthetic", "teams=2,sessions=3,messages=2,participants=2", "--keys", path}),
              "made 2 teams, 2 users, 6 sessions and 12 messages\n");
    std::ifstream file(path);
    std::string key;
    ASSERT_TRUE(std::getline(file, key));
    EXPECT_EQ(database.sql("select count(*) from api_key where encode(key_sha256, 'hex') = '" + to_hex(sha256(key)) + "'"), "1");
    EXPECT_EQ(refused({"load", "--synthetic", "teams=none"}, 2),
              "parley: --synthetic: \"teams=none\": a number from 1 to 10000000\n");
}

TEST_F(ParleyCommand, tells_replicas_of_every_change)
{
    make_team();
    // psql shows what it has heard after each of its commands.
    std::vector<std::string> listen{"psql", "-X", database.url(), "-c", "listen parley_changed", "-c", "select 'listening'"};
    for (int i = 0; i < 300; ++i)
        listen.insert(listen.end(), {"-c", "select pg_sleep(0.1)"});
    support::ChildProcess listener({.argv = listen});
    ASSERT_TRUE(listener.wait_for("listening", std::chrono::seconds(20)));
    good({"user", "deactivate", "a@b.c"});
    EXPECT_TRUE(listener.wait_for("\"parley_changed\" with payload \"user.deactivate\"", std::chrono::seconds(20)))
        << listener.output();
}

TEST_F(ParleyCommand, what_is_not_understood_exits_with_2)
{
    EXPECT_EQ(refused({"robot", "create"}, 2), "parley: there is no \"robot\"; parley help shows what there is\n");
    EXPECT_EQ(refused({"team", "destroy"}, 2), "parley: there is no \"team destroy\"; parley help team shows what there is\n");
    EXPECT_EQ(refused({"team"}, 2), "parley: what about team? parley help team shows what there is\n");
    EXPECT_EQ(refused({"team", "create"}, 2), "parley: SLUG is missing\n");
    EXPECT_EQ(refused({"team", "create", "a", "b"}, 2), "parley: one word too many: \"b\"\n");
    EXPECT_EQ(refused({"team", "create", "a", "--colour", "red"}, 2), "parley: there is no option --colour here\n");
    EXPECT_EQ(refused({"key", "list", "--team="}, 0), ""); // An empty team is none.
}

TEST_F(ParleyCommand, help_and_version_need_no_database)
{
    auto const help = support::run_parley({"help"});
    EXPECT_EQ(help.exit_code, 0);
    EXPECT_NE(help.out.find("parley team"), std::string::npos);
    for (auto const* noun : {"team", "user", "member", "role", "key", "experiment", "audit", "load", "dump"})
    {
        auto const of_noun = support::run_parley({"help", noun});
        EXPECT_EQ(of_noun.exit_code, 0);
        EXPECT_NE(of_noun.out.find(std::string("parley ") + noun), std::string::npos);
        EXPECT_EQ(support::run_parley({noun, "--help"}).out, of_noun.out);
    }
    EXPECT_EQ(support::run_parley({"help", "robot"}).exit_code, 2);
    EXPECT_TRUE(support::run_parley({"version"}).out.starts_with("parley "));
    EXPECT_EQ(member(support::run_parley({"version", "--json"}).out, "version").front(), '"');
    EXPECT_EQ(support::run_parley({}).exit_code, 2);
}

TEST(ParleyCommandWithoutDatabase, says_so_and_exits_with_3)
{
    auto const result =
        support::run_parley({"team", "list", "--database-url", "postgresql://someone:throwaway-secret@127.0.0.1:1/none"});
    EXPECT_EQ(result.exit_code, 3);
    EXPECT_TRUE(result.err.starts_with("parley: cannot reach the database postgresql://someone:")) << result.err;
    EXPECT_EQ(result.err.find("throwaway-secret"), std::string::npos) << result.err;
    auto const garbled = support::run_parley({"team", "list", "--database-url", "postgres//someone:throwaway-secret@nowhere"});
    EXPECT_EQ(garbled.exit_code, 3);
    EXPECT_EQ(garbled.err.find("throwaway-secret"), std::string::npos) << garbled.err;
}

TEST(ParleyCommandWithoutSchema, says_what_to_run)
{
    auto const url = support::new_database();
    auto const result = support::run_parley({"team", "list", "--database-url", url});
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_EQ(result.err, "parley: the database's schema is missing: run parleyd migrate\n");
}

TEST(ParleyCommandWithPrivateDatabase, starts_it_when_it_is_not_running)
{
    support::TemporaryFolder const folder;
    auto const data_dir = (folder.path() / "data").string();
    auto const created = support::run_parley({"team", "create", "alpha", "--data-dir", data_dir});
    ASSERT_EQ(created.exit_code, 0) << created.err;
    auto const listed = support::run_parley({"--data-dir", data_dir, "team", "list", "--json"});
    EXPECT_EQ(member(listed.out, "slug"), "\"alpha\"") << listed.err;
}

} // namespace parley::world
