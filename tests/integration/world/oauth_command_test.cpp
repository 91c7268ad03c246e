// The administrator's command on the authorization server: applications, grants, tokens, signing keys and browser sessions.
#include "fresh_database.hpp"

#include "parley/auth/password_hash.hpp"
#include "parley/core/identifier.hpp"
#include "parley/core/json.hpp"
#include "parley/oauth/signing_keys.hpp"
#include "parley/store/store.hpp"
#include "parley/support/child_process.hpp"
#include "parley/support/parleyd_process.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace parley::world
{
namespace
{

using support::CommandResult;
using Words = std::vector<std::string>;

constexpr std::string_view chatbot = "00000000-0000-4000-8000-0000000000a1";

class OAuthCommand : public testing::Test
{
  protected:
    OAuthCommand()
    {
        static_cast<void>(database.sql(
            "insert into team (id, slug, name, created_at) values (1, 'alpha', 'Alpha', now()), (2, 'beta', 'Beta', now());"
            "insert into app_user (id, email, created_at) values (1, 'a@b.c', now()), (2, 'd@e.f', now());"
            "insert into membership (team_id, user_id, roles) values (1, 1, '{}'), (2, 1, '{}'), (1, 2, '{}');"
            "insert into experiment (id, team_id, name, created_at) values ('00000000-0000-4000-8000-0000000000a1', 1, 'Bot', "
            "now())"));
    }

    CommandResult run(Words arguments, std::string input = {}) const
    {
        arguments.insert(arguments.end(), {"--database-url", database.url()});
        return support::run_parley(std::move(arguments), std::move(input));
    }

    std::string good(Words const& arguments, std::string input = {}) const
    {
        auto result = run(arguments, std::move(input));
        EXPECT_EQ(result.exit_code, 0) << testing::PrintToString(arguments) << result.err;
        return result.out;
    }

    // What it complains of when it is refused, and that it changes nothing.
    std::string refused(Words const& arguments, int exit_code = 1, std::string input = {}) const
    {
        auto const before = database.everything();
        auto const result = run(arguments, std::move(input));
        EXPECT_EQ(result.exit_code, exit_code) << testing::PrintToString(arguments) << result.out << result.err;
        EXPECT_EQ(result.out, "");
        EXPECT_EQ(database.everything(), before);
        return result.err;
    }

    // A web application; the secret.
    std::string make_web(std::string const& name = "Web", Words const& more = {}) const
    {
        Words arguments{"application",    "create",
                        "--name",         name,
                        "--client-id",    name + "-id",
                        "--grant",        "authorization-code",
                        "--redirect-uri", "https://web.example/cb"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        auto const out = good(arguments);
        return out.substr(0, out.find('\n'));
    }

    void make_machine() const
    {
        good({"application", "create", "--name", "Machine", "--client-id", "machine-id", "--grant", "client-credentials",
              "--team", "alpha"});
    }

    [[nodiscard]] std::string id_of(std::string const& client_id) const
    {
        return database.sql("select id from oauth_application where client_id = '" + client_id + "'");
    }

    // An access token; its digest in hexadecimal digits.
    std::string give_token(std::string const& client_id, std::string const& user, int team,
                           std::string const& scope = "sessions:read", std::string const& family = "null") const
    {
        auto const digest = to_hex(sha256(make_secret()));
        static_cast<void>(database.sql("insert into oauth_access_token (token_sha256, application_id, user_id, team_id, scope, "
                                       "expires_at, family, created_at) values (decode('" +
                                       digest + "', 'hex'), " + id_of(client_id) + ", " + user + ", " + std::to_string(team) +
                                       ", '" + scope + "', now() + interval '1 hour', " + family + ", now())"));
        return digest;
    }

    std::string give_refresh_token(std::string const& client_id, int user, int team, std::string const& access,
                                   std::string const& family = "null") const
    {
        auto const digest = to_hex(sha256(make_secret()));
        static_cast<void>(
            database.sql("insert into oauth_refresh_token (token_sha256, access_token_sha256, application_id, user_id, "
                         "team_id, scope, family, created_at) values (decode('" +
                         digest + "', 'hex'), decode('" + access + "', 'hex'), " + id_of(client_id) + ", " +
                         std::to_string(user) + ", " + std::to_string(team) + ", 'sessions:read', " + family + ", now())"));
        return digest;
    }

    void give_code(std::string const& client_id, int user, int team, std::string const& scope = "sessions:read") const
    {
        static_cast<void>(database.sql(
            "insert into oauth_grant (code_sha256, application_id, user_id, team_id, scope, redirect_uri, code_challenge, "
            "code_challenge_method, expires_at, created_at) values (decode('" +
            to_hex(sha256(make_secret())) + "', 'hex'), " + id_of(client_id) + ", " + std::to_string(user) + ", " +
            std::to_string(team) + ", '" + scope +
            "', 'https://web.example/cb', 'c', 'S256', now() + interval '1 minute', now())"));
    }

    void give_consent(std::string const& client_id, int user, int team) const
    {
        static_cast<void>(database.sql("insert into oauth_consent values (" + std::to_string(user) + ", " + id_of(client_id) +
                                       ", " + std::to_string(team) + ", '{sessions:read}', now())"));
    }

    // Live: access tokens, refresh tokens, codes, consents.
    [[nodiscard]] std::string alive() const
    {
        return database.sql("select (select count(*) from oauth_access_token), (select count(*) from oauth_refresh_token where "
                            "revoked_at is null), (select count(*) from oauth_grant), (select count(*) from oauth_consent)");
    }

    [[nodiscard]] std::string row(std::string const& columns) const
    {
        return database.sql("select " + columns + " from oauth_application order by id desc limit 1");
    }
    [[nodiscard]] std::string last_audit() const
    {
        return database.sql("select action, subject, detail from audit order by id desc limit 1");
    }

    FreshDatabase database;
};

std::string member(std::string const& object, std::string_view key)
{
    auto const document = json::Document::parse(object);
    if (!document) return "no JSON: " + object;
    auto const root = document->root();
    if (root.is_array() && root.begin() == root.end()) return "empty";
    auto const value = (root.is_array() ? *root.begin() : root).find(key);
    if (!value) return "no " + std::string(key);
    std::string text;
    json::append_compact(text, *value);
    return text;
}

TEST_F(OAuthCommand, an_application_and_its_secret_which_is_shown_once_and_kept_as_a_hash)
{
    auto const created = run({"application", "create", "--name", "Web", "--grant", "authorization-code", "--redirect-uri",
                              "https://web.example/cb", "--redirect-uri", "http://127.0.0.1/cb", "--scope", "openid", "--scope",
                              "sessions:read", "--owner", "a@b.c"});
    ASSERT_EQ(created.exit_code, 0) << created.err;
    auto const secret = created.out.substr(0, created.out.find('\n'));
    EXPECT_EQ(secret.size(), 43U);
    auto const client_id = row("client_id");
    EXPECT_EQ(client_id.size(), 40U);
    EXPECT_EQ(created.err,
              "application \"Web\" is created. Its client id is " + client_id + ". Its secret is shown this once only:\n");
    EXPECT_EQ(row("client_type, grant_type, team_id, redirect_uris, algorithm, owner_id, allowed_scopes, is_resource_server"),
              "confidential|authorization-code||{https://web.example/cb,http://127.0.0.1/cb}|RS256|1|{openid,sessions:read}|f");
    EXPECT_EQ(auth::verify_password(row("client_secret_hash"), secret), auth::PasswordMatch::match);
    EXPECT_TRUE(row("client_secret_hash").starts_with("$argon2id$"));
    EXPECT_EQ(database.everything().find(secret), std::string::npos);
    EXPECT_EQ((good({"application", "list"}) + good({"audit", "list"}) + good({"dump"})).find(secret), std::string::npos);
    EXPECT_EQ(database.sql("select action, subject, detail ->> 'client_id' from audit"), "application.create|Web|" + client_id);
    EXPECT_EQ(member(good({"application", "show", client_id, "--json"}), "scopes"), "[\"openid\",\"sessions:read\"]");
    EXPECT_NE(good({"application", "show", "Web"}).find("redirect_uris    https://web.example/cb, http://127.0.0.1/cb\n"),
              std::string::npos);
    EXPECT_EQ(member(good({"application", "list", "--json"}), "owner"), "\"a@b.c\"");
    EXPECT_EQ(good({"application", "list", "--team", "alpha"}), "");
}

TEST_F(OAuthCommand, public_clients_and_machines)
{
    auto const app = good({"application", "create", "--name", "App", "--type", "public", "--grant", "authorization-code",
                           "--redirect-uri", "com.example.app:/cb", "--json"});
    EXPECT_EQ(member(app, "has_secret"), "false");
    EXPECT_EQ(member(app, "client_secret"), "no client_secret");
    EXPECT_EQ(row("client_secret_hash"), "");
    auto const machine = good({"application", "create", "--name", "M", "--grant", "client-credentials", "--team", "alpha",
                               "--client-id", "m-1", "--chatbot", std::string(chatbot), "--resource-server", "--json"});
    EXPECT_EQ(member(machine, "client_id"), "\"m-1\"");
    EXPECT_EQ(member(machine, "client_secret").size(), 45U);
    EXPECT_EQ(row("team_id, algorithm, allowed_experiments, is_resource_server, allowed_scopes is null"),
              "1||{" + std::string(chatbot) + "}|t|t");
    EXPECT_EQ(member(good({"application", "list", "--team", "alpha", "--json"}), "name"), "\"M\"");
}

TEST_F(OAuthCommand, what_cannot_be_an_application_is_refused_by_name)
{
    make_web();
    Words const code{"application", "create", "--name", "x", "--grant", "authorization-code"};
    Words const machine{"application", "create", "--name", "x", "--grant", "client-credentials"};
    struct Case
    {
        Words const& begin;
        Words more;
        std::string complaint;
    };
    for (auto const& [begin, more, complaint] : std::vector<Case>{
             {code, {}, "needs a redirect URI"},
             {code, {"--redirect-uri", "web.example/cb"}, "must be absolute"},
             {code, {"--redirect-uri", "https://web.example/cb#f"}, "must not have a fragment"},
             {code, {"--redirect-uri", "http://web.example/cb"}, "must use https"},
             {code, {"--redirect-uri", "https://*.example/cb"}, "must name a host"},
             {code, {"--redirect-uri", "myapp:/cb"}, "private-use scheme with a period"},
             {code, {"--redirect-uri", "javascript:alert(1)"}, "must be an address that a browser can be sent to"},
             {code, {"--redirect-uri", "https://a.example/", "--scope", "everything"}, "scope \"everything\""},
             {code, {"--redirect-uri", "https://a.example/", "--type", "secret"}, "is no type of client"},
             {code, {"--redirect-uri", "https://a.example/", "--team", "gamma"}, "team \"gamma\" does not exist"},
             {code, {"--redirect-uri", "https://a.example/", "--owner", "x@y.z"}, "user \"x@y.z\" does not exist"},
             {code, {"--redirect-uri", "https://a.example/", "--client-id", "Web-id"}, "the client id \"Web-id\" is taken"},
             {code, {"--redirect-uri", "https://a.example/", "--client-id", "a:b"}, "no colon"},
             {code, {"--redirect-uri", "https://a.example/", "--type", "public", "--resource-server"}, "cannot introspect"},
             {code,
              {"--redirect-uri", "https://a.example/", "--chatbot", "00000000-0000-4000-8000-0000000000ff"},
              "does not exist"},
             {machine, {}, "name one"},
             {machine, {"--team", "alpha", "--type", "public"}, "it has no secret"},
             {machine, {"--team", "alpha", "--scope", "openid"}, "scope \"openid\""}})
    {
        auto arguments = begin;
        arguments.insert(arguments.end(), more.begin(), more.end());
        auto const complaints = refused(arguments);
        EXPECT_NE(complaints.find(complaint), std::string::npos) << complaints << "expected: " << complaint;
    }
    EXPECT_NE(refused({"application", "create", "--name", " ", "--grant", "authorization-code"}).find("1 to 200"),
              std::string::npos);
    EXPECT_NE(refused({"application", "create", "--name", "x", "--grant", "password", "--redirect-uri", "https://a.example/"})
                  .find("is no grant"),
              std::string::npos);
    EXPECT_EQ(refused({"application", "create", "--name", "x"}, 2), "parley: --grant GRANT is missing\n");
    EXPECT_EQ(
        refused({"application", "create", "--name", "x", "--grant", "client-credentials", "--team", "alpha", "--chatbot", "bot"},
                2),
        "parley: --chatbot \"bot\" is not the id of a chatbot: a UUID\n");
    EXPECT_EQ(refused({"application", "show", "nobody"}), "parley: application \"nobody\" does not exist\n");
    EXPECT_EQ(refused({"application", "delete", "nobody"}), "parley: application \"nobody\" does not exist\n");
    EXPECT_EQ(refused({"application", "list", "--team", "gamma"}), "parley: team \"gamma\" does not exist\n");
}

TEST_F(OAuthCommand, a_name_is_enough_where_only_one_application_has_it)
{
    make_web();
    good({"application", "create", "--name", "Web", "--client-id", "second", "--grant", "authorization-code", "--redirect-uri",
          "https://b.example/"});
    EXPECT_EQ(refused({"application", "rotate", "Web"}),
              "parley: several applications are called \"Web\": choose one by its client id\n");
    good({"application", "rename", "second", "Second"});
    EXPECT_EQ(member(good({"application", "show", "Second", "--json"}), "client_id"), "\"second\"");
    EXPECT_EQ(database.sql("select action, subject from audit order by id desc limit 1"), "application.rename|Second");
    EXPECT_EQ(refused({"application", "rename", "second", ""}), "parley: an application's name must have 1 to 200 characters\n");
    // A client id goes before a name.
    good({"application", "rename", "Web-id", "second"});
    EXPECT_EQ(member(good({"application", "show", "second", "--json"}), "name"), "\"Second\"");
}

TEST_F(OAuthCommand, a_secret_is_rotated)
{
    auto const old_secret = make_web();
    give_token("Web-id", "1", 1);
    auto const rotated = run({"application", "rotate", "Web"});
    ASSERT_EQ(rotated.exit_code, 0) << rotated.err;
    auto const new_secret = rotated.out.substr(0, rotated.out.find('\n'));
    EXPECT_EQ(auth::verify_password(row("client_secret_hash"), new_secret), auth::PasswordMatch::match);
    EXPECT_EQ(auth::verify_password(row("client_secret_hash"), old_secret), auth::PasswordMatch::none);
    EXPECT_EQ(database.everything().find(new_secret), std::string::npos);
    EXPECT_EQ(alive(), "1|0|0|0") << "tokens live on";
    EXPECT_EQ(database.sql("select action, subject from audit order by id desc limit 1"), "application.rotate|Web");
    good({"application", "create", "--name", "App", "--type", "public", "--grant", "authorization-code", "--redirect-uri",
          "https://a.example/"});
    EXPECT_EQ(refused({"application", "rotate", "App"}), "parley: a public client has no secret\n");
}

TEST_F(OAuthCommand, redirect_uris_come_and_go)
{
    make_web();
    EXPECT_EQ(good({"application", "add-redirect", "Web", "https://web.example/other"}),
              "application \"Web\" may be sent back to https://web.example/other\n");
    EXPECT_EQ(row("redirect_uris"), "{https://web.example/cb,https://web.example/other}");
    EXPECT_NE(refused({"application", "add-redirect", "Web", "https://web.example/cb"}).find("already"), std::string::npos);
    EXPECT_NE(refused({"application", "add-redirect", "Web", "https://web.example/#"}).find("fragment"), std::string::npos);
    EXPECT_NE(refused({"application", "remove-redirect", "Web", "https://nowhere.example/"}).find("has no redirect URI"),
              std::string::npos);
    give_code("Web-id", 1, 1);
    good({"application", "remove-redirect", "Web", "https://web.example/cb"});
    EXPECT_EQ(row("redirect_uris"), "{https://web.example/other}");
    EXPECT_EQ(alive(), "0|0|0|0") << "a code that was sent there is of no use any more";
    EXPECT_NE(refused({"application", "remove-redirect", "Web", "https://web.example/other"}).find("needs a redirect URI"),
              std::string::npos);
}

TEST_F(OAuthCommand, an_application_is_pinned_to_a_team_and_loses_what_it_held_in_others)
{
    make_web();
    give_token("Web-id", "1", 1);
    give_token("Web-id", "1", 2);
    give_refresh_token("Web-id", 1, 2, to_hex(sha256("x")));
    give_code("Web-id", 1, 2);
    EXPECT_EQ(good({"application", "pin", "Web", "alpha"}),
              "application \"Web\" acts in team \"alpha\" only; 1 access token, 1 refresh token and 1 code revoked\n");
    EXPECT_EQ(row("team_id"), "1");
    EXPECT_EQ(alive(), "1|0|0|0");
    EXPECT_EQ(database.sql("select team_id from oauth_access_token"), "1");
    EXPECT_EQ(
        database.sql("select action, subject, detail ->> 'team', detail ->> 'access_tokens' from audit order by id desc limit 1"),
        "application.pin|Web|alpha|1");
    good({"application", "unpin", "Web"});
    EXPECT_EQ(row("team_id"), "");
    EXPECT_EQ(refused({"application", "unpin", "Web"}), "parley: the application is not pinned to a team\n");
    EXPECT_EQ(refused({"application", "pin", "Web", "gamma"}), "parley: team \"gamma\" does not exist\n");
    make_machine();
    EXPECT_NE(refused({"application", "unpin", "Machine"}).find("name one"), std::string::npos);
}

TEST_F(OAuthCommand, scopes_are_narrowed_and_tokens_that_may_do_more_die)
{
    make_web();
    give_token("Web-id", "1", 1, "sessions:read");
    give_token("Web-id", "1", 1, "sessions:read sessions:write");
    give_code("Web-id", 1, 1, "sessions:write");
    EXPECT_EQ(good({"application", "set-scopes", "Web", "--scope", "sessions:read", "--scope", "openid"}),
              "application \"Web\" may have 2 scopes; 1 access token, 0 refresh tokens and 1 code revoked\n");
    EXPECT_EQ(row("allowed_scopes"), "{sessions:read,openid}");
    EXPECT_EQ(database.sql("select scope from oauth_access_token"), "sessions:read");
    EXPECT_EQ(good({"application", "set-scopes", "Web", "--all"}),
              "application \"Web\" may have every scope of its kind; 0 access tokens, 0 refresh tokens and 0 codes revoked\n");
    EXPECT_EQ(row("allowed_scopes is null"), "t");
    EXPECT_NE(refused({"application", "set-scopes", "Web", "--scope", "all"}).find("scope \"all\""), std::string::npos);
    EXPECT_EQ(refused({"application", "set-scopes", "Web"}, 2), "parley: either --scope NAME, or --all\n");
    EXPECT_EQ(refused({"application", "set-scopes", "Web", "--all", "--scope", "openid"}, 2),
              "parley: either --scope NAME, or --all\n");
}

TEST_F(OAuthCommand, a_changed_grant_ends_what_the_old_one_gave)
{
    make_web();
    give_token("Web-id", "1", 1);
    EXPECT_NE(refused({"application", "set-grant", "Web", "client-credentials"}).find("name one"), std::string::npos);
    EXPECT_NE(refused({"application", "set-grant", "Web", "implicit"}).find("is no grant"), std::string::npos);
    good({"application", "pin", "Web", "alpha"});
    EXPECT_EQ(good({"application", "set-grant", "Web", "authorization-code"}),
              "application \"Web\" has the grant authorization-code; 0 access tokens, 0 refresh tokens and 0 codes revoked\n");
    EXPECT_EQ(good({"application", "set-grant", "Web", "client-credentials"}),
              "application \"Web\" has the grant client-credentials; 1 access token, 0 refresh tokens and 0 codes revoked\n");
    EXPECT_EQ(row("grant_type, algorithm"), "client-credentials|");
    make_machine();
    EXPECT_NE(refused({"application", "set-grant", "Machine", "authorization-code"}).find("needs a redirect URI"),
              std::string::npos);
}

TEST_F(OAuthCommand, chatbots_of_an_application)
{
    make_machine();
    EXPECT_EQ(good({"application", "set-chatbots", "Machine", "--chatbot", std::string(chatbot)}),
              "application \"Machine\" may start chats with 1 chatbot only\n");
    EXPECT_EQ(row("allowed_experiments"), "{" + std::string(chatbot) + "}");
    good({"application", "set-chatbots", "Machine"});
    EXPECT_EQ(row("allowed_experiments"), "{}");
    EXPECT_NE(refused({"application", "set-chatbots", "Machine", "--chatbot", "00000000-0000-4000-8000-0000000000ff"})
                  .find("00000000-0000-4000-8000-0000000000ff does not exist"),
              std::string::npos);
}

TEST_F(OAuthCommand, a_deleted_application_takes_all_it_holds_with_it)
{
    make_web();
    make_machine();
    give_token("Web-id", "1", 1);
    give_token("machine-id", "null", 1);
    give_refresh_token("Web-id", 1, 1, to_hex(sha256("x")));
    give_code("Web-id", 1, 1);
    give_consent("Web-id", 1, 1);
    EXPECT_EQ(good({"application", "delete", "Web-id"}),
              "application \"Web\" is deleted; 1 access token, 1 refresh token and 1 code revoked\n");
    EXPECT_EQ(alive(), "1|0|0|0") << "the machine's";
    EXPECT_EQ(database.sql("select count(*) from oauth_refresh_token"), "0");
    EXPECT_EQ(database.sql("select client_id from oauth_application"), "machine-id");
    EXPECT_EQ(database.sql("select action, subject, detail ->> 'client_id' from audit order by id desc limit 1"),
              "application.delete|Web|Web-id");
}

TEST_F(OAuthCommand, tokens_are_listed_without_their_secrets)
{
    make_web();
    make_machine();
    auto const access = give_token("Web-id", "1", 1);
    auto const refresh = give_refresh_token("Web-id", 1, 2, access);
    auto const machine = give_token("machine-id", "null", 1);
    auto const all = good({"token", "list"});
    for (auto const& digest : {access, refresh, machine})
        EXPECT_NE(all.find(digest.substr(0, 16)), std::string::npos) << all;
    EXPECT_EQ(all.find(access.substr(0, 20)), std::string::npos);
    auto const machines = good({"token", "list", "--application", "Machine", "--json"});
    EXPECT_EQ(member(machines, "id"), "\"" + machine.substr(0, 16) + "\"");
    EXPECT_EQ(member(machines, "user"), "null");
    EXPECT_EQ(member(machines, "state"), "\"live\"");
    EXPECT_EQ(member(good({"token", "list", "--team", "beta", "--json"}), "kind"), "\"refresh\"");
    EXPECT_EQ(member(good({"token", "list", "--user", "d@e.f", "--json"}), "kind"), "empty");
    auto const one = good({"token", "list", "--limit", "1"});
    EXPECT_EQ(std::ranges::count(one, '\n'), 2) << one;
    EXPECT_EQ(refused({"token", "list", "--user", "x@y.z"}), "parley: user \"x@y.z\" does not exist\n");
    EXPECT_EQ(refused({"token", "list", "--application", "x"}), "parley: application \"x\" does not exist\n");
    EXPECT_EQ(refused({"token", "list", "--team", "x"}), "parley: team \"x\" does not exist\n");
    EXPECT_EQ(refused({"token", "list", "--limit", "no"}, 2), "parley: --limit \"no\": write a number from 1\n");
}

TEST_F(OAuthCommand, a_revoked_token_takes_those_of_the_same_authorization_with_it)
{
    make_web();
    std::string const family = "'00000000-0000-4000-8000-00000000fa01'";
    auto const access = give_token("Web-id", "1", 1, "sessions:read", family);
    give_refresh_token("Web-id", 1, 1, access, family);
    give_token("Web-id", "1", 1);
    EXPECT_EQ(good({"token", "revoke", access.substr(0, 16)}), "1 access token, 1 refresh token and 0 codes revoked\n");
    EXPECT_EQ(alive(), "1|0|0|0");
    EXPECT_EQ(last_audit(),
              "token.revoke|" + access.substr(0, 16) +
                  R"(|{"application":"Web-id","user":"a@b.c","access_tokens":1,"refresh_tokens":1,"codes":0,"grants":0})");
    // Without a family, as older rows are: the pair still knows itself.
    auto const old_access = give_token("Web-id", "1", 1);
    auto const old_refresh = give_refresh_token("Web-id", 1, 1, old_access);
    EXPECT_EQ(good({"token", "revoke", old_refresh}), "1 access token, 1 refresh token and 0 codes revoked\n");
    EXPECT_EQ(alive(), "1|0|0|0");

    EXPECT_EQ(refused({"token", "revoke", "0123456789abcdef"}), "parley: token \"0123456789abcdef\" does not exist\n");
    EXPECT_NE(refused({"token", "revoke", "abc"}).find("8 to 64 hexadecimal digits"), std::string::npos);
    EXPECT_NE(refused({"token", "revoke", "not-hexadecimal"}).find("8 to 64 hexadecimal digits"), std::string::npos);
    EXPECT_EQ(refused({"token", "revoke"}, 2), "parley: ID, --user, --application or --team is missing\n");
    EXPECT_EQ(refused({"token", "revoke", "0123456789abcdef", "--user", "a@b.c"}, 2),
              "parley: either ID, or --user, --application and --team\n");
}

TEST_F(OAuthCommand, a_token_that_two_could_be_is_not_revoked)
{
    make_web();
    for (auto const* const end : {"01", "02"})
        static_cast<void>(database.sql(
            std::string("insert into oauth_access_token (token_sha256, application_id, user_id, team_id, expires_at, "
                        "created_at) values (decode('") +
            std::string(62, 'c') + end + "', 'hex'), " + id_of("Web-id") + ", 1, 1, now(), now())"));
    EXPECT_EQ(refused({"token", "revoke", "cccccccc"}), "parley: several tokens begin with \"cccccccc\": write more of it\n");
    good({"token", "revoke", std::string(62, 'C') + "01"});
    EXPECT_EQ(alive(), "1|0|0|0");
}

TEST_F(OAuthCommand, all_tokens_of_a_user_or_an_application_are_revoked)
{
    make_web();
    make_machine();
    give_token("Web-id", "1", 1);
    give_token("Web-id", "2", 1);
    give_refresh_token("Web-id", 1, 1, to_hex(sha256("x")));
    give_code("Web-id", 1, 1);
    give_token("machine-id", "null", 1);
    give_consent("Web-id", 1, 1);
    EXPECT_EQ(good({"token", "revoke", "--user", "a@b.c"}), "1 access token, 1 refresh token and 1 code revoked\n");
    EXPECT_EQ(alive(), "2|0|0|1") << "what others hold lives on, and so does the consent";
    EXPECT_EQ(
        last_audit(),
        R"(token.revoke|a@b.c|{"application":"","user":"a@b.c","team":"","access_tokens":1,"refresh_tokens":1,"codes":1,"grants":0})");
    EXPECT_EQ(good({"token", "revoke", "--application", "Machine"}), "1 access token, 0 refresh tokens and 0 codes revoked\n");
    EXPECT_EQ(alive(), "1|0|0|1");
    EXPECT_EQ(good({"token", "revoke", "--application", "Machine"}), "0 access tokens, 0 refresh tokens and 0 codes revoked\n");
    EXPECT_EQ(good({"token", "revoke", "--team", "beta"}), "0 access tokens, 0 refresh tokens and 0 codes revoked\n");
    EXPECT_EQ(refused({"token", "revoke", "--user", "x@y.z"}), "parley: user \"x@y.z\" does not exist\n");
    EXPECT_EQ(refused({"token", "revoke", "--application", "x"}), "parley: application \"x\" does not exist\n");
}

TEST_F(OAuthCommand, many_tokens_are_revoked_in_portions_and_all_of_them)
{
    make_machine();
    static_cast<void>(
        database.sql("insert into oauth_access_token (token_sha256, application_id, team_id, expires_at, created_at) select "
                     "sha256(i::text::bytea), " +
                     id_of("machine-id") + ", 1, now() + interval '1 hour', now() from generate_series(1, 12345) i"));
    EXPECT_EQ(good({"token", "revoke", "--application", "Machine"}),
              "12345 access tokens, 0 refresh tokens and 0 codes revoked\n");
    EXPECT_EQ(alive(), "0|0|0|0");
}

TEST_F(OAuthCommand, grants_are_listed_and_taken_back)
{
    make_web();
    give_consent("Web-id", 1, 1);
    give_consent("Web-id", 2, 1);
    give_token("Web-id", "1", 1);
    give_refresh_token("Web-id", 1, 1, to_hex(sha256("x")));
    give_token("Web-id", "1", 2); // Without a consent.
    give_code("Web-id", 1, 1);
    auto const listed = good({"grant", "list", "--user", "a@b.c", "--team", "alpha", "--json"});
    EXPECT_EQ(member(listed, "application"), "\"Web\"");
    EXPECT_EQ(member(listed, "scopes"), "[\"sessions:read\"]");
    EXPECT_EQ(member(listed, "access_tokens"), "1");
    EXPECT_EQ(member(listed, "refresh_tokens"), "1");
    EXPECT_EQ(member(good({"grant", "list", "--team", "beta", "--json"}), "granted_at"), "null");
    EXPECT_EQ(std::ranges::count(good({"grant", "list", "--application", "Web-id"}), '\n'), 4);

    EXPECT_EQ(good({"grant", "revoke", "--user", "a@b.c", "--application", "Web", "--team", "alpha"}),
              "1 grant and 1 access token, 1 refresh token and 1 code revoked\n");
    EXPECT_EQ(alive(), "1|0|0|1");
    EXPECT_EQ(database.sql("select action, subject from audit order by id desc limit 1"), "grant.revoke|Web/a@b.c/alpha");
    good({"grant", "revoke", "--application", "Web"});
    EXPECT_EQ(alive(), "0|0|0|0");
    EXPECT_EQ(refused({"grant", "revoke"}, 2), "parley: --user, --application or --team is missing\n");
    EXPECT_EQ(refused({"grant", "revoke", "--user", "x@y.z"}), "parley: user \"x@y.z\" does not exist\n");
    EXPECT_EQ(refused({"grant", "list", "--application", "x"}), "parley: application \"x\" does not exist\n");
}

TEST_F(OAuthCommand, signing_keys_are_added_retired_and_removed)
{
    auto const first = good({"signing-key", "add", "--json"});
    EXPECT_EQ(member(first, "state"), "\"signing\"") << "there is no other";
    auto const first_kid = database.sql("select kid from oauth_signing_key");
    EXPECT_EQ(last_audit(), "signing-key.add|" + first_kid + "|{}");
    static_cast<void>(database.sql("update oauth_signing_key set created_at = created_at - interval '1 day'"));
    auto const second = good({"signing-key", "add", "--bits", "3072", "--json"});
    EXPECT_EQ(member(second, "state"), "\"waiting\"");
    auto const second_kid = database.sql("select kid from oauth_signing_key where kid <> '" + first_kid + "'");
    EXPECT_EQ(refused({"signing-key", "retire", first_kid}),
              "parley: no other signing key is ready: add one, and wait until it signs\n");
    static_cast<void>(database.sql("update oauth_signing_key set created_at = created_at - interval '15 minutes'"));
    EXPECT_EQ(member(good({"signing-key", "list", "--json"}), "state"), "\"verifying\"");
    EXPECT_EQ(refused({"signing-key", "remove", first_kid}), "parley: signing key " + first_kid + " is not retired\n");
    auto const retired = good({"signing-key", "retire", first_kid.substr(0, 10), "--json"});
    EXPECT_EQ(member(retired, "state"), "\"retired\"");
    EXPECT_EQ(last_audit(), "signing-key.retire|" + first_kid + "|{}");
    EXPECT_NE(refused({"signing-key", "remove", first_kid}).find("is needed until"), std::string::npos);
    EXPECT_EQ(refused({"signing-key", "retire", first_kid}), "parley: signing key " + first_kid + " is retired already\n");
    EXPECT_NE(refused({"signing-key", "retire", second_kid}).find("no other"), std::string::npos);
    static_cast<void>(database.sql("update oauth_signing_key set retired_at = retired_at - interval '25 hours'"));
    EXPECT_EQ(member(good({"signing-key", "list", "--json"}), "state"), "\"gone\"");
    EXPECT_EQ(good({"signing-key", "remove", first_kid}), "signing key " + first_kid + " is gone\n");
    EXPECT_EQ(last_audit(), "signing-key.remove|" + first_kid + "|{}");
    EXPECT_EQ(database.sql("select kid from oauth_signing_key"), second_kid);

    // After a leak.
    good({"signing-key", "retire", second_kid, "--at-once"});
    good({"signing-key", "remove", second_kid, "--at-once"});
    EXPECT_EQ(good({"signing-key", "list"}), "");
    EXPECT_EQ(refused({"signing-key", "retire", "nokey"}), "parley: signing key \"nokey\" does not exist\n");
    EXPECT_EQ(refused({"signing-key", "remove", ""}), "parley: signing key \"\" does not exist\n");
}

TEST_F(OAuthCommand, a_signing_key_may_come_from_a_file_and_is_in_no_dump_or_audit)
{
    auto const key = oauth::make_signing_key(database.clock.now());
    good({"signing-key", "add", "--private-key", "-"}, key.private_pem);
    EXPECT_EQ(database.sql("select kid from oauth_signing_key"), key.kid);
    EXPECT_EQ(refused({"signing-key", "add", "--private-key", "-"}, 1, key.private_pem),
              "parley: the signing key is here already: " + key.kid + "\n");
    EXPECT_NE(refused({"signing-key", "add", "--private-key", "-"}, 1, "no key").find("is no RSA key"), std::string::npos);
    EXPECT_EQ(refused({"signing-key", "add", "--private-key", "/nowhere/at/all"}),
              "parley: cannot read the file /nowhere/at/all\n");
    EXPECT_EQ(refused({"signing-key", "add", "--bits", "1024"}), "parley: a signing key has 2048 to 8192 bits\n");
    EXPECT_EQ(refused({"signing-key", "add", "--bits", "many"}, 2), "parley: --bits \"many\": write a number\n");
    auto const shown = good({"signing-key", "list"}) + good({"audit", "list"}) + good({"dump"});
    EXPECT_EQ(shown.find("PRIVATE KEY"), std::string::npos);
    EXPECT_EQ(shown.find(key.private_pem.substr(40, 40)), std::string::npos);
}

TEST_F(OAuthCommand, browser_sessions_are_listed_and_ended)
{
    for (int i = 0; i < 4; ++i)
        static_cast<void>(database.sql("insert into browser_session values (sha256('cookie " + std::to_string(i) + "'), " +
                                       (i < 3 ? "1" : "2") + ", now(), now() - interval '" + std::to_string(i) + " minutes')"));
    auto const listed = good({"browser-session", "list"});
    EXPECT_EQ(std::ranges::count(listed, '\n'), 5) << listed;
    EXPECT_EQ(member(good({"browser-session", "list", "--user", "d@e.f", "--json"}), "id"),
              "\"" + to_hex(sha256("cookie 3")).substr(0, 16) + "\"");
    auto const id = to_hex(sha256("cookie 0")).substr(0, 16);
    EXPECT_EQ(good({"browser-session", "end", id}), "browser session " + id + " of \"a@b.c\" is ended\n");
    EXPECT_EQ(last_audit(), "browser-session.end|a@b.c|{\"id\":\"" + id + "\"}");
    EXPECT_EQ(good({"browser-session", "end", "--user", "a@b.c"}), "user \"a@b.c\" is signed out of 2 browsers\n");
    EXPECT_EQ(last_audit(), R"(browser-session.end|a@b.c|{"ended":2})");
    EXPECT_EQ(database.sql("select user_id from browser_session"), "2");
    EXPECT_EQ(refused({"browser-session", "end", id}), "parley: browser session \"" + id + "\" does not exist\n");
    EXPECT_EQ(refused({"browser-session", "end", "--user", "x@y.z"}), "parley: user \"x@y.z\" does not exist\n");
    EXPECT_EQ(refused({"browser-session", "list", "--user", "x@y.z"}), "parley: user \"x@y.z\" does not exist\n");
    EXPECT_EQ(refused({"browser-session", "end"}, 2), "parley: either ID, or --user EMAIL\n");
    EXPECT_NE(refused({"browser-session", "end", "abc"}).find("8 to 64 hexadecimal digits"), std::string::npos);
}

// What another process hears of changes.
class Replica
{
  public:
    explicit Replica(std::string const& url) : store_({.database_url = url}, clock_, telemetry_)
    {
        store_.on_change([this](std::string_view what) { hear(what); });
    }

    bool hears(std::string_view what, std::chrono::milliseconds within)
    {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, within, [&] { return std::ranges::find(heard_, what) != heard_.end(); });
    }

    bool is_listening()
    {
        auto const end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
        while (store_.why_not_ready() && std::chrono::steady_clock::now() < end)
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        return !store_.why_not_ready();
    }

  private:
    void hear(std::string_view what)
    {
        std::lock_guard const guard(mutex_);
        heard_.emplace_back(what);
        changed_.notify_all();
    }

    SystemClock clock_;
    telemetry::Telemetry telemetry_{{.log_level = "off"}};
    std::mutex mutex_; // Guards heard_.
    std::condition_variable changed_;
    std::vector<std::string> heard_;
    store::Store store_;
};

TEST_F(OAuthCommand, every_change_reaches_a_running_replica_within_a_second)
{
    Replica replica(database.url());
    ASSERT_TRUE(replica.is_listening());
    auto const heard_after = [&](std::string_view what, Words const& arguments)
    {
        good(arguments);
        EXPECT_TRUE(replica.hears(what, std::chrono::seconds(1))) << what;
    };
    heard_after("application.create", {"application", "create", "--name", "Web", "--grant", "authorization-code",
                                       "--redirect-uri", "https://web.example/cb"});
    heard_after("application.rename", {"application", "rename", "Web", "Site"});
    heard_after("application.rotate", {"application", "rotate", "Site"});
    heard_after("application.add-redirect", {"application", "add-redirect", "Site", "https://web.example/2"});
    heard_after("application.remove-redirect", {"application", "remove-redirect", "Site", "https://web.example/2"});
    heard_after("application.pin", {"application", "pin", "Site", "alpha"});
    heard_after("application.unpin", {"application", "unpin", "Site"});
    heard_after("application.set-scopes", {"application", "set-scopes", "Site", "--scope", "openid"});
    heard_after("application.set-grant", {"application", "set-grant", "Site", "authorization-code"});
    heard_after("application.set-chatbots", {"application", "set-chatbots", "Site"});
    heard_after("token.revoke", {"token", "revoke", "--user", "a@b.c"});
    heard_after("grant.revoke", {"grant", "revoke", "--user", "a@b.c"});
    heard_after("signing-key.add", {"signing-key", "add"});
    auto const kid = database.sql("select kid from oauth_signing_key");
    heard_after("signing-key.retire", {"signing-key", "retire", kid, "--at-once"});
    heard_after("signing-key.remove", {"signing-key", "remove", kid, "--at-once"});
    heard_after("browser-session.end", {"browser-session", "end", "--user", "a@b.c"});
    heard_after("user.deactivate", {"user", "deactivate", "a@b.c"});
    heard_after("application.delete", {"application", "delete", "Site"});
}

TEST_F(OAuthCommand, what_the_command_made_moves_with_a_dump)
{
    make_web("Web", {"--scope", "sessions:read", "--owner", "a@b.c", "--chatbot", std::string(chatbot)});
    make_machine();
    give_consent("Web-id", 1, 1);
    auto const access = give_token("Web-id", "1", 1, "sessions:read", "'00000000-0000-4000-8000-00000000fa01'");
    give_refresh_token("Web-id", 1, 1, access, "'00000000-0000-4000-8000-00000000fa01'");
    give_code("Web-id", 1, 1);
    static_cast<void>(database.sql("insert into browser_session values (sha256('cookie'), 1, now(), now())"));
    auto const dump = good({"dump"});
    FreshDatabase const other;
    auto const load = support::run_parley({"load", "-", "--database-url", other.url()}, dump);
    ASSERT_EQ(load.exit_code, 0) << load.err;
    EXPECT_EQ(support::run_parley({"dump", "--database-url", other.url()}).out, dump);
    for (auto const* const table :
         {"oauth_application", "oauth_consent", "oauth_access_token", "oauth_refresh_token", "oauth_grant", "browser_session"})
        EXPECT_EQ(other.sql("select count(*) from " + std::string(table)),
                  database.sql("select count(*) from " + std::string(table)))
            << table;
    EXPECT_EQ(other.sql("select client_secret_hash from oauth_application where client_id = 'Web-id'"),
              database.sql("select client_secret_hash from oauth_application where client_id = 'Web-id'"));
}

} // namespace
} // namespace parley::world
