// Decoding a world file: everything is taken over, and whatever is wrong is named with its place. Each test changes one thing in
// a small world that is good.
#include "parley/world/decode.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

namespace parley::world
{

namespace
{

std::string small_world()
{
    std::ifstream file(PARLEY_SOURCE_DIR "/tests/integration/world/data/small_world.json");
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

// The small world with the first `old` replaced.
std::string changed(std::string const& old, std::string const& by)
{
    auto text = small_world();
    auto const at = text.find(old);
    if (at == std::string::npos) throw std::logic_error("the small world does not hold: " + old);
    return text.replace(at, old.size(), by);
}

std::string complaint_of(std::string const& text)
{
    try
    {
        static_cast<void>(decode(text));
        return "none";
    }
    catch (Invalid const& error)
    {
        return error.what();
    }
}

std::string complaint_of_change(std::string const& old, std::string const& by)
{
    return complaint_of(changed(old, by));
}

} // namespace

TEST(DecodeWorld, takes_every_part)
{
    auto const world = decode(small_world());
    auto const& rows = world.rows;
    EXPECT_EQ(rows.teams.size(), 2U);
    EXPECT_EQ(rows.teams[1].api_rate_limit, "50/1m");
    EXPECT_EQ(rows.roles.size(), 3U);
    EXPECT_EQ(rows.users.size(), 3U);
    EXPECT_EQ(rows.memberships.size(), 4U);
    EXPECT_EQ(rows.memberships[1].roles, (std::vector<std::string>{"Chat Viewer", "Archivist"}));
    EXPECT_EQ(rows.api_keys.size(), 2U);
    EXPECT_EQ(rows.applications.size(), 2U);
    EXPECT_EQ(rows.access_tokens.size(), 3U);
    EXPECT_EQ(rows.refresh_tokens.size(), 2U);
    EXPECT_EQ(rows.grants.size(), 1U);
    EXPECT_EQ(rows.consents.size(), 2U);
    EXPECT_EQ(rows.browser_sessions.size(), 2U);
    EXPECT_EQ(rows.experiments.size(), 3U);
    EXPECT_EQ(rows.channels.size(), 2U);
    EXPECT_EQ(rows.tags.size(), 9U);
    EXPECT_EQ(rows.participants.size(), 3U);
    EXPECT_EQ(rows.files.size(), 4U);
    EXPECT_EQ(world.sessions.size(), 3U);
    EXPECT_EQ(rows.scopes_machine_allowed, (std::vector<std::string>{"chat:start", "sessions:read"}));
}

TEST(DecodeWorld, keeps_digests_in_place_of_secrets)
{
    auto const rows = decode(small_world()).rows;
    EXPECT_EQ(rows.api_keys[0].key_sha256, sha256("AdaNorth.small-key-secret-0001"));
    EXPECT_EQ(rows.access_tokens[0].token_sha256, sha256("small-access-token-1"));
    EXPECT_EQ(rows.refresh_tokens[0].token_sha256, sha256("small-refresh-token-1"));
    EXPECT_EQ(rows.grants[0].code_sha256, sha256("small-code-1"));
    EXPECT_EQ(rows.browser_sessions[0].cookie_sha256, sha256("small-cookie-0001"));
    EXPECT_EQ(rows.channels[0].embed_key_sha256, sha256("small-embed-key-1"));
    EXPECT_FALSE(rows.channels[1].embed_key_sha256);
    EXPECT_TRUE(rows.users[0].password_hash.starts_with("$argon2id$"));
    EXPECT_EQ(rows.users[1].password_hash, "");
    EXPECT_TRUE(rows.applications[0].client_secret_hash.starts_with("$argon2id$"));
}

TEST(DecodeWorld, takes_digests_as_they_are)
{
    auto const digest = to_hex(sha256("something"));
    auto const rows = decode(changed(R"("key": "AdaNorth.small-key-secret-0001")", R"("key_sha256": ")" + digest + '"')).rows;
    EXPECT_EQ(rows.api_keys[0].key_sha256, sha256("something"));
    EXPECT_EQ(complaint_of_change(R"("key": "AdaNorth.small-key-secret-0001")", R"("key_sha256": "abc")"),
              "$.api_keys[0].key_sha256: must be a SHA-256: 64 hexadecimal digits");
    EXPECT_EQ(complaint_of_change(R"("key": "AdaNorth.small-key-secret-0001")", R"("key": "x", "key_sha256": ")" + digest + '"'),
              R"($.api_keys[0]: either "key" or "key_sha256", not both)");
    EXPECT_EQ(complaint_of_change(R"("key": "AdaNorth.small-key-secret-0001", )", ""),
              R"($.api_keys[0]: "key" or "key_sha256" is missing)");
}

TEST(DecodeWorld, password_hashes_are_taken_where_they_can_be_verified)
{
    auto const with = [](std::string const& hash)
    { return changed(R"("password": "small-password-ada")", R"("password_hash": ")" + hash + '"'); };
    EXPECT_EQ(decode(with("pbkdf2_sha256$1000$salt$abc=")).rows.users[0].password_hash, "pbkdf2_sha256$1000$salt$abc=");
    EXPECT_EQ(decode(with("")).rows.users[0].password_hash, "");
    EXPECT_EQ(complaint_of(with("small-password-ada")),
              "$.users[0].password_hash: must be a hash by argon2id (encoded form), Django's pbkdf2_sha256, or empty");
}

TEST(DecodeWorld, last_login_is_the_formats_own_where_the_file_is_silent)
{
    auto const rows = decode(small_world()).rows;
    ASSERT_TRUE(rows.users[0].last_login);
    EXPECT_EQ(format_timestamp(*rows.users[0].last_login), "2026-01-01T00:00:00Z");
    EXPECT_FALSE(rows.users[2].last_login);
}

TEST(DecodeWorld, a_version_may_stand_before_its_chatbot)
{
    auto const rows = decode(small_world()).rows;
    EXPECT_EQ(rows.experiments[0].working, 1U);
    EXPECT_EQ(rows.experiments[1].id.text(), "00000bb0-0000-4000-8000-000000000001");
}

TEST(DecodeWorld, references_are_resolved_within_the_team)
{
    auto const world = decode(small_world());
    EXPECT_EQ(world.sessions[1].row.tags, std::vector<store::Index>{8});
    EXPECT_EQ(world.sessions[0].row.tags, (std::vector<store::Index>{1, 3, 2, 0, 6}));
    EXPECT_EQ(world.sessions[0].row.files, (std::vector<store::Index>{1, 0}));
    EXPECT_EQ(world.sessions[0].row.channel, 0U);
}

TEST(DecodeWorld, documents_keep_digits_and_the_order_of_keys)
{
    auto const world = decode(small_world());
    EXPECT_TRUE(world.sessions[0].row.state.starts_with(R"({"z":1.50,"a":12345678901234567890123,"e":1E3,"nested":{)"))
        << world.sessions[0].row.state;
    EXPECT_EQ(world.sessions[1].row.state, R"([1,"two"])");
    EXPECT_EQ(world.sessions[2].messages[0].metadata, R"({"n":[1,2.50,null,true]})");
}

TEST(DecodeWorld, an_unknown_part_or_key_is_named)
{
    EXPECT_EQ(complaint_of(R"({"teams": [], "robots": []})"), "$.robots: is unknown here");
    EXPECT_EQ(complaint_of_change(R"("slug": "south")", R"("slug": "south", "colour": "red")"),
              "$.teams[1].colour: is unknown here");
    EXPECT_EQ(complaint_of_change(R"("grants": [)", R"("grantz": [)"), "$.oauth.grantz: is unknown here");
    EXPECT_EQ(complaint_of_change(R"("id": "UPPER",)", R"("id": "UPPER", "foo": 1,)"), "$.sessions[2].foo: is unknown here");
    EXPECT_EQ(complaint_of_change(R"("content": "hello",)", R"("content": "hello", "strange key": 1,)"),
              R"($.sessions[2].messages[0]["strange key"]: is unknown here)");
    EXPECT_EQ(complaint_of_change(R"("kind": "llm_output",)", R"("kind": "llm_output", "unit": 1,)"),
              "$.sessions[0].usage[2].unit: is unknown here");
}

TEST(DecodeWorld, a_key_may_stand_once_only)
{
    EXPECT_EQ(complaint_of_change(R"("slug": "north",)", R"("slug": "north", "slug": "west",)"), "$.teams[0].slug: stands twice");
    EXPECT_EQ(complaint_of(R"({"teams": [], "teams": []})"), "$.teams: stands twice");
}

TEST(DecodeWorld, a_missing_key_is_named)
{
    EXPECT_EQ(complaint_of_change(R"("slug": "north", )", ""), R"($.teams[0]: "slug" is missing)");
    EXPECT_EQ(complaint_of_change(R"("participant": "p_tele", )", ""), R"($.sessions[2]: "participant" is missing)");
}

TEST(DecodeWorld, a_wrong_type_is_named)
{
    EXPECT_EQ(complaint_of("[]"), "$: must be an object, not list");
    EXPECT_EQ(complaint_of(R"({"teams": {}})"), "$.teams: must be a list, not dict");
    EXPECT_EQ(complaint_of(R"({"teams": ["north"]})"), "$.teams[0]: must be an object, not str");
    EXPECT_EQ(complaint_of_change(R"("name": "North Team")", R"("name": 5)"), "$.teams[0].name: must be a text, not int");
    EXPECT_EQ(complaint_of_change(R"("is_active": false)", R"("is_active": "no")"),
              "$.users[2].is_active: must be true or false, not str");
    EXPECT_EQ(complaint_of_change(R"("version_number": 2)", R"("version_number": 2.5)"),
              "$.experiments[1].version_number: must be a whole number, not float");
    EXPECT_EQ(complaint_of_change(R"("auth_level": 2)", R"("auth_level": 3)"), "$.channels[0].auth_level: must be from 0 to 2");
    EXPECT_EQ(complaint_of_change(R"("expires": "2025-01-01T00:00:00Z")", R"("expires": "tomorrow")"),
              "$.oauth.access_tokens[1].expires: must be a time such as 2026-01-01T00:00:00Z");
    EXPECT_EQ(complaint_of_change(R"("metadata": {"n")", R"("metadata": [], "x": {"n")"),
              "$.sessions[2].messages[0].metadata: must be an object, not list");
}

TEST(DecodeWorld, a_dangling_reference_is_named)
{
    EXPECT_EQ(complaint_of_change(R"("team": "north", "user": "ada", "roles")", R"("team": "west", "user": "ada", "roles")"),
              R"($.memberships[0].team: there is no team "west")");
    EXPECT_EQ(complaint_of_change(R"("user": "cleo", "roles")", R"("user": "dora", "roles")"),
              R"($.memberships[3].user: there is no user "dora")");
    EXPECT_EQ(complaint_of_change(R"("roles": ["Chat Viewer", "Archivist"])", R"("roles": ["Chat Viewer", "Pirate"])"),
              "$.memberships[1].roles[1]: there is no such role");
    EXPECT_EQ(complaint_of_change(R"("app": "machine")", R"("app": "engine")"),
              R"($.oauth.access_tokens[1].app: there is no application "engine")");
    EXPECT_EQ(complaint_of_change(R"("access_token": "read")", R"("access_token": "gone")"),
              "$.oauth.refresh_tokens[0].access_token: there is no such access token");
    EXPECT_EQ(complaint_of_change(R"("allowed_chatbots": ["bot",)", R"("allowed_chatbots": ["toy",)"),
              R"($.oauth.applications[1].allowed_chatbots[0]: there is no chatbot "toy")");
    EXPECT_EQ(complaint_of_change(R"("working": "bot")", R"("working": "toy")"),
              R"($.experiments[0].working: there is no chatbot "toy")");
    EXPECT_EQ(complaint_of_change(R"(["vip", "error"], ["apple", ""])", R"(["vip", "worse"], ["apple", ""])"),
              "$.sessions[0].tags[1]: there is no such tag in this team");
    EXPECT_EQ(complaint_of_change(R"("files": [8, 7])", R"("files": [8, 70])"),
              "$.sessions[0].files[1]: there is no such file in this team");
    EXPECT_EQ(complaint_of_change(R"("channel": "widget")", R"("channel": "gadget")"),
              R"($.sessions[0].channel: there is no channel "gadget")");
}

TEST(DecodeWorld, what_belongs_to_another_team_is_out_of_reach)
{
    EXPECT_EQ(complaint_of_change(R"("experiment": "bot_v1", "participant")", R"("experiment": "south_bot", "participant")"),
              "$.sessions[2].experiment: belongs to another team");
    EXPECT_EQ(complaint_of_change(R"("participant": "p_tele")", R"("participant": "p_south")"),
              "$.sessions[2].participant: belongs to another team");
    EXPECT_EQ(complaint_of_change(R"("channel": "widget")", R"("channel": "closed")"),
              "$.sessions[0].channel: belongs to another team");
    EXPECT_EQ(complaint_of_change(R"("working": "bot")", R"("working": "south_bot")"),
              "$.experiments[0].working: belongs to another team");
}

TEST(DecodeWorld, what_must_be_unique_is)
{
    EXPECT_EQ(complaint_of_change(R"("slug": "south")", R"("slug": "north")"), "$.teams[1].slug: another team is of this name");
    EXPECT_EQ(complaint_of_change(R"("email": "bert@both.example")", R"("email": "ada@north.example")"),
              "$.users[1].email: another user is of this name");
    EXPECT_EQ(complaint_of_change(R"("key": "BertRead.small-key-secret-0002")", R"("key": "AdaNorth.small-key-secret-0001")"),
              "$.api_keys[1].key: stands twice in the file");
    EXPECT_EQ(complaint_of_change(R"("id": "UPPER")", R"("id": "thread.1712345678.000100")"),
              "$.sessions[2].id: another session is of this name");
    EXPECT_EQ(complaint_of_change(R"([["Zebra", ""], ["vip", "error"])", R"([["Zebra", ""], ["Zebra", ""])"),
              "$.sessions[0].tags[1]: stands twice");
    EXPECT_EQ(complaint_of_change(R"("identifier": "998877")", R"("identifier": "part@users.example")"),
              "none"); // Another platform.
}

TEST(DecodeWorld, a_tag_of_two_kinds_must_say_which_it_is)
{
    EXPECT_EQ(complaint_of_change(R"(["both", "", true])", R"(["both", ""])"),
              "$.sessions[0].tags[4]: is a user's tag and a system's: say which, by a third element true (system) or false");
    EXPECT_EQ(complaint_of_change(R"(["both", "", true])", R"("both")"),
              "$.sessions[0].tags[4]: must be a tag: [name, category], or [name, category, system]");
}

TEST(DecodeWorld, what_no_column_can_hold_is_refused)
{
    EXPECT_EQ(complaint_of_change(R"("name": "North Team")", R"("name": "a\u0000b")"),
              "$.teams[0].name: holds the character U+0000, which cannot be stored");
    EXPECT_EQ(complaint_of_change(R"("content": "hello")", R"("content": "a\ud800b")"),
              "$.sessions[2].messages[0].content: holds a lone surrogate, which is not a character");
    EXPECT_EQ(complaint_of_change(R"("state": "text")", R"("state": [1e999])"),
              "$.sessions[2].state: holds a number that is too large");
    EXPECT_EQ(complaint_of_change(R"("id": "UPPER")", R"("id": "a/b")"),
              "$.sessions[2].id: must have 1 to 255 characters and no '/'");
}

TEST(DecodeWorld, usage_must_be_decimals_that_can_be_added)
{
    EXPECT_EQ(complaint_of_change(R"("quantity": "1000.5")", R"("quantity": "many")"),
              R"($.sessions[0].usage[1].quantity: must be a decimal such as "0.0123")");
    EXPECT_EQ(complaint_of_change(R"("cost": "0.0123")", R"("cost": "0.123456789")"),
              "$.sessions[0].usage[1].cost: must have at most 10 digits before the point and 8 behind it");
    EXPECT_EQ(complaint_of_change(R"("quantity": "1000.5")", R"("quantity": "99999999999999.5")"),
              "$.sessions[0].usage: is too much to be added up");
    EXPECT_EQ(complaint_of_change(R"("cost": "0.0123")", R"("cost": 0.0123)"), "none");
}

TEST(DecodeWorld, bad_json_is_named_by_line_and_column)
{
    auto const complaint = complaint_of("{\n\"teams\": [,]}");
    EXPECT_TRUE(complaint.starts_with("$: is not JSON: ")) << complaint;
    EXPECT_NE(complaint.find("line 2 column 11"), std::string::npos) << complaint;
}

TEST(DecodeWorld, roles_of_the_database_may_be_named)
{
    auto const text = R"({"teams": [{"slug": "t", "name": "T"}], "users": [{"key": "u", "email": "u@t.example"}],
                          "memberships": [{"team": "t", "user": "u", "roles": ["Team Admin"]}]})";
    EXPECT_THROW(static_cast<void>(decode(text)), Invalid);
    EXPECT_EQ(decode(text, {"Team Admin"}).rows.memberships[0].roles, std::vector<std::string>{"Team Admin"});
}

} // namespace parley::world
