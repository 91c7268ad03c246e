// session_create: every field, every way in which it can be wrong, and what the store is given.
#include "api_bench.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace parley::api::test
{
namespace
{

constexpr char const* chatbot = "000000e1-0000-4000-8000-00000000000a";

// A body with a good chatbot and these members.
std::string with(std::string members)
{
    return std::string(R"({"experiment":")") + chatbot + "\"" + (members.empty() ? "" : "," + members) + "}";
}

std::string refused(std::string body)
{
    ApiBench bench;
    std::string outcome = bench.outcome({.method = "POST", .body = body});
    EXPECT_EQ(std::count(bench.store.verbs.begin(), bench.store.verbs.end(), "create"), 0) << body;
    return outcome;
}

domain::NewSession created(std::string body)
{
    ApiBench bench;
    http::Response const response = bench.post("/api/sessions/", body);
    EXPECT_EQ(response.status, 201) << body << " " << response.body;
    return bench.store.new_session.value_or(domain::NewSession{});
}

TEST(SessionCreate, the_least_that_is_needed)
{
    ApiBench bench;
    http::Response const response = bench.post("/api/sessions/", with(""));
    ASSERT_EQ(response.status, 201) << response.body;
    domain::NewSession const& session = *bench.store.new_session;
    EXPECT_EQ(session.team_id, 7);
    EXPECT_EQ(session.experiment, *Uuid::parse(chatbot));
    EXPECT_EQ(session.participant_identifier, "owner@alpha.example");
    EXPECT_EQ(session.state.text, "{}");
    EXPECT_EQ(session.created_at, instant("2026-03-01T12:00:00Z"));
    EXPECT_TRUE(session.messages.empty());
    EXPECT_EQ(Uuid::parse(session.id)->text(), session.id);
    EXPECT_EQ(session.id[14], '7'); // Version 7.

    std::string const url = "https://parley.test/api/sessions/" + session.id + "/";
    EXPECT_NE(response.fields.find("Location: " + url + "\r\n"), std::string::npos) << response.fields;
    EXPECT_TRUE(response.body.starts_with(R"({"url":")" + url + R"(","id":")" + session.id + "\"")) << response.body;
    EXPECT_TRUE(response.body.ends_with(R"("status":"setup","platform":null,"tags":[],"state":{}})")) << response.body;
}

TEST(SessionCreate, two_sessions_have_two_ids)
{
    EXPECT_NE(created(with("")).id, created(with("")).id);
}

TEST(SessionCreate, other_fields_are_ignored)
{
    domain::NewSession const session =
        created(with(R"("id":"mine","status":"complete","team":"beta","tags":["x"],"platform":"web")"));
    EXPECT_NE(session.id, "mine");
    EXPECT_EQ(session.team_id, 7);
}

TEST(SessionCreate, of_a_repeated_field_the_last_counts)
{
    EXPECT_EQ(created(std::string(R"({"experiment":"nope","experiment":")") + chatbot + "\"}").experiment, *Uuid::parse(chatbot));
}

// ---- experiment

TEST(SessionCreate, a_chatbot_in_every_spelling)
{
    for (char const* text : {"000000E1-0000-4000-8000-00000000000A", "000000e100004000800000000000000a",
                             "{000000e1-0000-4000-8000-00000000000a}", "urn:uuid:000000e1-0000-4000-8000-00000000000a"})
    {
        EXPECT_EQ(created(std::string(R"({"experiment":")") + text + "\"}").experiment, *Uuid::parse(chatbot)) << text;
    }
}

TEST(SessionCreate, a_wrong_chatbot_says_why)
{
    std::pair<char const*, char const*> const cases[] = {
        {"{}", R"({"experiment":["This field is required."]})"},
        {R"({"experiment":null})", R"({"experiment":["This field may not be null."]})"},
        {R"({"experiment":""})", R"({"experiment":["This field may not be null."]})"},
        {R"({"experiment":"abc"})", "{\"experiment\":[\"\u201Cabc\u201D is not a valid UUID.\"]}"},
        {R"({"experiment":"  "})", "{\"experiment\":[\"\u201C  \u201D is not a valid UUID.\"]}"},
        {R"({"experiment":"a\u0000"})", "{\"experiment\":[\"\u201Ca\\u0000\u201D is not a valid UUID.\"]}"},
        {R"({"experiment":"a\"b"})", "{\"experiment\":[\"\u201Ca\\\"b\u201D is not a valid UUID.\"]}"},
        {R"({"experiment":5})", "{\"experiment\":[\"\u201C5\u201D is not a valid UUID.\"]}"},
        {R"({"experiment":1.50})", "{\"experiment\":[\"\u201C1.50\u201D is not a valid UUID.\"]}"},
        {R"({"experiment":true})", R"({"experiment":["Not a valid UUID. Expected a string, but got bool."]})"},
        {R"({"experiment":false})", R"({"experiment":["Not a valid UUID. Expected a string, but got bool."]})"},
        {R"({"experiment":["000000e1-0000-4000-8000-00000000000a"]})",
         R"({"experiment":["Not a valid UUID. Expected a string, but got list."]})"},
        {R"({"experiment":{"id":"x"}})", R"({"experiment":["Not a valid UUID. Expected a string, but got dict."]})"},
        {R"({"experiment":"\ud800"})", R"({"experiment":["Surrogate characters are not allowed."]})"},
    };
    for (auto const& [body, errors] : cases)
        EXPECT_EQ(refused(body), "400 " + std::string(errors)) << body;
}

TEST(SessionCreate, an_unknown_chatbot_is_named_as_it_was_sent)
{
    ApiBench bench;
    bench.store.refusal = Problem{ProblemCode::experiment_unknown};
    EXPECT_EQ(bench.outcome({.method = "POST", .body = R"({"experiment":"000000E1-0000-4000-8000-0000000000FF"})"}),
              R"(400 {"experiment":["Object with public_id=000000E1-0000-4000-8000-0000000000FF does not exist."]})");
}

TEST(SessionCreate, another_teams_chatbot_is_not_found)
{
    ApiBench bench;
    bench.store.refusal = Problem{ProblemCode::experiment_elsewhere};
    EXPECT_EQ(bench.outcome({.method = "POST", .body = with("")}), R"(404 {"detail":"Experiment not found"})");
}

// ---- participant

TEST(SessionCreate, a_participant_is_trimmed_and_a_number_keeps_its_spelling)
{
    std::pair<char const*, std::string> const cases[] = {
        {R"("new.person@users.example")", "new.person@users.example"},
        {R"("  padded@users.example  ")", "padded@users.example"},
        {R"("\u2003\u001c\u00a0x y\u0085\u3000")", "x y"},
        {R"("CASE@users.example")", "CASE@users.example"},
        {R"("a\nb")", "a\nb"},
        {R"("J\u00f6rg \ud83d\ude00")", "Jörg 😀"},
        {"5", "5"},
        {"1.50", "1.50"},
        {"-0", "-0"},
        {"12345678901234567890123", "12345678901234567890123"},
    };
    for (auto const& [json, text] : cases)
        EXPECT_EQ(created(with(std::string(R"("participant":)") + json)).participant_identifier, text) << json;
    EXPECT_EQ(created(with(R"("participant":")" + std::string(320, 'p') + "\"")).participant_identifier, std::string(320, 'p'));
}

TEST(SessionCreate, a_wrong_participant_says_why)
{
    std::pair<std::string, char const*> const cases[] = {
        {"null", R"({"participant":["This field may not be null."]})"},
        {R"("")", R"({"participant":["This field may not be blank."]})"},
        {R"("   ")", R"({"participant":["This field may not be blank."]})"},
        {R"("\u001f\u2028")", R"({"participant":["This field may not be blank."]})"},
        {"true", R"({"participant":["Not a valid string."]})"},
        {"false", R"({"participant":["Not a valid string."]})"},
        {R"(["a"])", R"({"participant":["Not a valid string."]})"},
        {"[]", R"({"participant":["Not a valid string."]})"},
        {"{}", R"({"participant":["Not a valid string."]})"},
        {R"("a\u0000b")", R"({"participant":["Null characters are not allowed."]})"},
        {R"("a\ud800b")", R"({"participant":["Surrogate characters are not allowed: U+D800."]})"},
        {R"("\udfff")", R"({"participant":["Surrogate characters are not allowed: U+DFFF."]})"},
        {R"("\u0000\udbff")",
         R"({"participant":["Null characters are not allowed.","Surrogate characters are not allowed: U+DBFF."]})"},
        {"\"" + std::string(321, 'p') + "\"", R"({"participant":["Ensure this field has no more than 320 characters."]})"},
    };
    for (auto const& [json, errors] : cases)
        EXPECT_EQ(refused(with(R"("participant":)" + json)), "400 " + std::string(errors)) << json;
}

TEST(SessionCreate, characters_are_counted_and_not_bytes)
{
    std::string umlauts;
    for (int i = 0; i < 320; ++i)
        umlauts += "ü";
    EXPECT_EQ(created(with(R"("participant":"  )" + umlauts + "\"")).participant_identifier, umlauts);
    EXPECT_EQ(refused(with(R"("participant":"ü)" + umlauts + "\"")),
              R"(400 {"participant":["Ensure this field has no more than 320 characters."]})");
}

TEST(SessionCreate, a_machine_must_name_the_participant)
{
    ApiBench bench;
    bench.principal.user_email.reset();
    EXPECT_EQ(bench.outcome({.method = "POST", .body = with("")}), R"(400 {"participant":"This field is required."})");
    EXPECT_EQ(bench.outcome({.method = "POST", .body = with(R"("state":null)")}),
              R"(400 {"state":["This field may not be null."]})");
    EXPECT_EQ(bench.outcome({.method = "POST", .body = "{}"}), R"(400 {"experiment":["This field is required."]})");
    bench.store.experiment_refusal = Problem{ProblemCode::experiment_elsewhere};
    EXPECT_EQ(bench.outcome({.method = "POST", .body = with("")}), R"(404 {"detail":"Experiment not found"})");
    bench.store.experiment_refusal = Problem{ProblemCode::experiment_unknown};
    EXPECT_EQ(bench.outcome({.method = "POST", .body = with("")}),
              R"(400 {"experiment":["Object with public_id=000000e1-0000-4000-8000-00000000000a does not exist."]})");
    EXPECT_FALSE(bench.store.new_session);

    bench.store.experiment_refusal.reset();
    EXPECT_EQ(bench.post("/api/sessions/", with(R"("participant":"m@users.example")")).status, 201);
    EXPECT_EQ(bench.store.new_session->participant_identifier, "m@users.example");
}

// ---- messages

TEST(SessionCreate, messages_are_rendered_in_order_each_with_a_moment_of_its_own)
{
    domain::NewSession const session = created(with(
        R"("messages":[{"role":"system","content":" s "},{"role":"user","content":5,"metadata":{"x":1},"tags":["t"]},{"content":1.50,"role":"assistant"}])"));
    ASSERT_EQ(session.messages.size(), 3u);
    EXPECT_EQ(session.messages[0].rendered,
              R"({"created_at":"2026-03-01T12:00:00Z","role":"system","content":"s","metadata":{},"tags":[],"attachments":[]})");
    EXPECT_EQ(
        session.messages[1].rendered,
        R"({"created_at":"2026-03-01T12:00:00.000001Z","role":"user","content":"5","metadata":{},"tags":[],"attachments":[]})");
    EXPECT_EQ(
        session.messages[2].rendered,
        R"({"created_at":"2026-03-01T12:00:00.000002Z","role":"assistant","content":"1.50","metadata":{},"tags":[],"attachments":[]})");
    EXPECT_EQ(session.messages[2].created_at, instant("2026-03-01T12:00:00.000002Z"));
}

TEST(SessionCreate, content_keeps_what_is_inside)
{
    domain::NewSession const session =
        created(with(R"("messages":[{"role":"user","content":"\ta\u0001b\u001f\u007f<&\u2028é\n"}])"));
    ASSERT_EQ(session.messages.size(), 1u);
    EXPECT_NE(session.messages[0].rendered.find("\"content\":\"a\\u0001b\\u001f\x7f<&\u2028é\""), std::string::npos)
        << session.messages[0].rendered;
}

TEST(SessionCreate, no_messages_at_all)
{
    EXPECT_TRUE(created(with(R"("messages":[])")).messages.empty());
}

TEST(SessionCreate, wrong_messages_say_why)
{
    std::pair<char const*, char const*> const cases[] = {
        {"null", R"(["This field may not be null."])"},
        {"{}", R"({"non_field_errors":["Expected a list of items but got type \"dict\"."]})"},
        {R"("x")", R"({"non_field_errors":["Expected a list of items but got type \"str\"."]})"},
        {"1", R"({"non_field_errors":["Expected a list of items but got type \"int\"."]})"},
        {"1.5", R"({"non_field_errors":["Expected a list of items but got type \"float\"."]})"},
        {"true", R"({"non_field_errors":["Expected a list of items but got type \"bool\"."]})"},
        {R"(["x"])", R"([{"non_field_errors":["Invalid data. Expected a dictionary, but got str."]}])"},
        {"[[]]", R"([{"non_field_errors":["Invalid data. Expected a dictionary, but got list."]}])"},
        {"[1.5]", R"([{"non_field_errors":["Invalid data. Expected a dictionary, but got float."]}])"},
        {"[null]", R"([["This field may not be null."]])"},
        {"[{}]", R"([{"role":["This field is required."],"content":["This field is required."]}])"},
        {R"([{"role":"user"}])", R"([{"content":["This field is required."]}])"},
        {R"([{"content":"x"}])", R"([{"role":["This field is required."]}])"},
        {R"([{"content":"x"},{"role":"user","content":"x"}])", R"([{"role":["This field is required."]},{}])"},
        {R"([{"role":"user","content":"hi"},{"role":"nope","content":""},{"role":"user","content":"ok"},{"role":"user"}])",
         R"([{},{"role":["\"nope\" is not a valid choice."],"content":["This field may not be blank."]},{},{"content":["This field is required."]}])"},
    };
    for (auto const& [json, errors] : cases)
    {
        EXPECT_EQ(refused(with(std::string(R"("messages":)") + json)), R"(400 {"messages":)" + std::string(errors) + "}") << json;
    }
}

TEST(SessionCreate, a_wrong_content_says_why)
{
    std::pair<char const*, char const*> const cases[] = {
        {R"("")", "This field may not be blank."},
        {R"(" \t\n")", "This field may not be blank."},
        {"null", "This field may not be null."},
        {"true", "Not a valid string."},
        {"[]", "Not a valid string."},
        {R"({"a":1})", "Not a valid string."},
        {R"("a\u0000b")", "Null characters are not allowed."},
        {R"("\ud83d")", "Surrogate characters are not allowed: U+D83D."},
    };
    for (auto const& [json, sentence] : cases)
    {
        EXPECT_EQ(refused(with(std::string(R"("messages":[{"role":"user","content":)") + json + "}]")),
                  R"(400 {"messages":[{"content":[")" + std::string(sentence) + R"("]}]})")
            << json;
    }
}

TEST(SessionCreate, a_wrong_role_is_spelled_as_it_always_was)
{
    std::pair<char const*, char const*> const cases[] = {
        {R"("human")", R"(human)"},
        {R"("USER")", R"(USER)"},
        {R"(" user")", R"( user)"},
        {R"("")", R"()"},
        {"1", "1"},
        {"-0", "0"},
        {"1.5", "1.5"},
        {"1.50", "1.5"},
        {"2.0", "2.0"},
        {"1e5", "100000.0"},
        {"1e16", "1e+16"},
        {"0.00001", "1e-05"},
        {"true", "True"},
        {"false", "False"},
        {R"(["user"])", "['user']"},
        {R"([1, null, true, 1.0, {"a": "b'c"}])", R"([1, None, True, 1.0, {'a': \"b'c\"}])"},
        {R"(["a\n\u0000\u00a0'\"é"])", R"(['a\\n\\x00\\xa0\\'\"é'])"},
        {R"(["\ud800"])", R"(['\\ud800'])"},
        {R"({"a":1,"b":2,"a":3})", "{'a': 3, 'b': 2}"},
        {"{}", "{}"},
    };
    for (auto const& [json, spelled] : cases)
    {
        EXPECT_EQ(refused(with(std::string(R"("messages":[{"content":"x","role":)") + json + "}]")),
                  R"(400 {"messages":[{"role":["\")" + std::string(spelled) + R"(\" is not a valid choice."]}]})")
            << json;
    }
    EXPECT_EQ(refused(with(R"("messages":[{"content":"x","role":null}])")),
              R"(400 {"messages":[{"role":["This field may not be null."]}]})");
    EXPECT_EQ(refused(with(R"("messages":[{"content":"x","role":"\ud800"}])")),
              R"(400 {"messages":[{"role":["Surrogate characters are not allowed."]}]})");
}

// ---- state

TEST(SessionCreate, a_state_is_stored_compact_with_its_digits_and_without_control_characters)
{
    std::pair<char const*, std::string> const cases[] = {
        {R"({"a": {"b": [1, null, true, 1.50, "x"]}})", R"({"a":{"b":[1,null,true,1.50,"x"]}})"},
        {"[1, 2]", "[1,2]"},
        {R"("text")", R"("text")"},
        {"5", "5"},
        {"false", "false"},
        {"{}", "{}"},
        {"[]", "[]"},
        {R"("")", R"("")"},
        {"0", "0"},
        {"-0.0", "-0.0"},
        {"1E+5", "1E+5"},
        {"12345678901234567890123", "12345678901234567890123"},
        {R"({"b":1,"a":1,"b":2})", R"({"b":2,"a":1})"},
        {R"({"k":"a\u0000b\u0001c\td\ne\u001ff\u007f","list":["\u0000"]})", "{\"k\":\"abc\\td\\nef\x7f\",\"list\":[\"\"]}"},
        {R"({"k\u0001ey":"v"})", R"({"k\u0001ey":"v"})"},
    };
    for (auto const& [json, text] : cases)
        EXPECT_EQ(created(with(std::string(R"("state":)") + json)).state.text, text) << json;
}

TEST(SessionCreate, what_cannot_be_stored_in_a_state_is_refused)
{
    EXPECT_EQ(refused(with(R"("state":null)")), R"(400 {"state":["This field may not be null."]})");
    EXPECT_EQ(refused(with(R"("state":{"k":1e999})")), R"(400 {"state":["Value must be valid JSON."]})");
    EXPECT_EQ(refused(with(R"("state":-1e999)")), R"(400 {"state":["Value must be valid JSON."]})");
    EXPECT_EQ(refused(with(R"("state":{"k\u0000ey":1})")), R"(400 {"state":["Null characters are not allowed."]})");
    EXPECT_EQ(refused(with(R"("state":[{"k":"\ud800"}])")), R"(400 {"state":["Surrogate characters are not allowed."]})");
}

TEST(SessionCreate, a_body_may_be_a_thousand_levels_deep)
{
    auto const nested = [](int levels)
    { return with(R"("state":)" + std::string(levels, '[') + "1" + std::string(levels, ']')); };
    EXPECT_EQ(created(nested(999)).state.text, std::string(999, '[') + "1" + std::string(999, ']'));
    EXPECT_TRUE(refused(nested(1000)).starts_with(R"(400 {"detail":"JSON parse error - )"));
    EXPECT_TRUE(refused(nested(5000)).starts_with("400 "));
}

// ---- several at once

TEST(SessionCreate, all_wrong_fields_are_named_together)
{
    EXPECT_EQ(
        refused(R"({"participant":" ","messages":{},"state":null})"),
        R"(400 {"experiment":["This field is required."],"participant":["This field may not be blank."],)"
        R"("messages":{"non_field_errors":["Expected a list of items but got type \"dict\"."]},"state":["This field may not be null."]})");
}

TEST(SessionCreate, an_unknown_chatbot_is_named_beside_the_others)
{
    ApiBench bench;
    bench.store.experiment_refusal = Problem{ProblemCode::experiment_unknown};
    EXPECT_EQ(
        bench.outcome({.method = "POST", .body = with(R"("state":null)")}),
        R"(400 {"experiment":["Object with public_id=000000e1-0000-4000-8000-00000000000a does not exist."],"state":["This field may not be null."]})");
    bench.store.experiment_refusal = Problem{ProblemCode::experiment_elsewhere};
    EXPECT_EQ(bench.outcome({.method = "POST", .body = with(R"("state":null)")}),
              R"(400 {"state":["This field may not be null."]})");
    bench.store.experiment_refusal = Problem{ProblemCode::store_unavailable};
    EXPECT_EQ(bench.outcome({.method = "POST", .body = with(R"("state":null)")}),
              R"(400 {"state":["This field may not be null."]})");
}

TEST(SessionCreate, a_good_body_asks_the_store_once)
{
    ApiBench bench;
    bench.post("/api/sessions/", with(""));
    EXPECT_EQ(bench.store.verbs, std::vector<std::string>{"create"});
}

TEST(SessionCreate, a_problem_of_the_store_is_passed_on)
{
    ApiBench bench;
    bench.store.refusal = Problem{ProblemCode::store_overloaded};
    EXPECT_EQ(bench.post("/api/sessions/", with("")).status, 503);
}

// ---- Idempotency-Key

Sent keyed(std::string body, std::string key)
{
    return {.method = "POST", .body = std::move(body), .fields = {{"Idempotency-Key", std::move(key)}}};
}

TEST(SessionCreate, a_request_sent_again_under_its_key_is_answered_again_and_made_once)
{
    ApiBench bench;
    auto const first = bench.send(keyed(with(R"("messages":[{"role":"user","content":"hi"}])"), "k-1"));
    auto const made = *bench.store.new_session;
    EXPECT_FALSE(made.is_repeat);
    bench.clock.advance(std::chrono::hours(1));
    auto const second = bench.send(keyed(with(R"("messages":[{"role":"user","content":"hi"}])"), "k-1"));
    EXPECT_EQ(first.status, 201);
    EXPECT_EQ(second.status, 201);
    EXPECT_EQ(second.fields, first.fields);
    EXPECT_TRUE(bench.store.new_session->is_repeat);
    EXPECT_EQ(bench.store.new_session->id, made.id);
    EXPECT_EQ(bench.store.new_session->created_at, made.created_at);
    EXPECT_EQ(bench.store.new_session->messages.front().created_at, made.messages.front().created_at);
}

TEST(SessionCreate, a_key_stands_for_one_body_and_one_participant)
{
    ApiBench bench;
    EXPECT_EQ(bench.send(keyed(with(""), "k-1")).status, 201);
    std::string const reused = R"(422 {"detail":"This Idempotency-Key was used for another request."})";
    EXPECT_EQ(bench.outcome(keyed(with(R"("state":{"a":1})"), "k-1")), reused);
    bench.principal.user_email = "somebody@alpha.example";
    EXPECT_EQ(bench.outcome(keyed(with(""), "k-1")), reused) << "would be a session of somebody else";
    EXPECT_EQ(bench.send(keyed(with(""), "k-2")).status, 201);
}

TEST(SessionCreate, a_key_in_quotes_is_the_same_key)
{
    ApiBench bench;
    EXPECT_EQ(bench.send(keyed(with(""), "k-1")).status, 201);
    auto const made = bench.store.new_session->id;
    EXPECT_EQ(bench.send(keyed(with(""), "\"k-1\"")).status, 201);
    EXPECT_EQ(bench.store.new_session->id, made);
}

TEST(SessionCreate, a_key_that_is_none_is_refused_and_nothing_is_made)
{
    for (std::string const& key : {std::string(), std::string("\"\""), std::string("a b"), std::string("a\tb"),
                                   std::string("caf\xc3\xa9"), std::string(256, 'k')})
    {
        ApiBench bench;
        EXPECT_EQ(bench.outcome(keyed(with(""), key)), R"(400 {"detail":"Idempotency-Key must be 1 to 255 visible characters."})")
            << key;
        EXPECT_TRUE(bench.store.verbs.empty());
    }
    ApiBench bench;
    EXPECT_EQ(bench.send(keyed(with(""), std::string(255, 'k'))).status, 201);
    auto doubled = keyed(with(""), "k-1");
    doubled.fields.emplace_back("idempotency-key", "k-1");
    EXPECT_EQ(bench.send(doubled).status, 400);
}

TEST(SessionCreate, a_refused_body_uses_up_no_key)
{
    ApiBench bench;
    EXPECT_EQ(bench.send(keyed(R"({"experiment":"nope"})", "k-1")).status, 400);
    EXPECT_TRUE(bench.store.reservations.empty());
    bench.store.refusal = Problem{ProblemCode::experiment_unknown};
    EXPECT_EQ(bench.send(keyed(with(R"("state":{"a":1})"), "k-1")).status, 400);
    EXPECT_TRUE(bench.store.reservations.empty()) << "released";
    bench.store.refusal.reset();
    EXPECT_EQ(bench.send(keyed(with(""), "k-1")).status, 201);
}

TEST(SessionCreate, a_create_that_failed_keeps_its_key)
{
    ApiBench bench;
    bench.store.refusal = Problem{ProblemCode::store_unavailable};
    EXPECT_EQ(bench.send(keyed(with(""), "k-1")).status, 503);
    auto const tried = bench.store.new_session->id;
    bench.store.refusal.reset();
    EXPECT_EQ(bench.send(keyed(with(""), "k-1")).status, 201);
    EXPECT_EQ(bench.store.new_session->id, tried);
}

TEST(SessionCreate, a_key_in_use_is_a_conflict)
{
    ApiBench bench;
    std::string second;
    bench.store.while_creating = [&]
    {
        bench.store.while_creating = nullptr;
        second = bench.outcome(keyed(with(""), "k-1"));
    };
    EXPECT_EQ(bench.send(keyed(with(""), "k-1")).status, 201);
    EXPECT_EQ(second, R"(409 {"detail":"The request with this Idempotency-Key is being answered."})");
    EXPECT_EQ(bench.send(keyed(with(""), "k-1")).status, 201) << "no longer in use";
}

} // namespace
} // namespace parley::api::test
