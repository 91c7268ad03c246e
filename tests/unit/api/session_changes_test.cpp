// session_end_experiment_session, session_update_state, session_add_tags, session_remove_tags.
#include "api_bench.hpp"

#include <gtest/gtest.h>

namespace parley::api::test
{
namespace
{

std::string tried(ApiBench& bench, std::string_view method, std::string path, std::string body)
{
    return bench.outcome({.method = method, .path = std::move(path), .body = std::move(body)});
}

// ---- end

TEST(SessionEnd, it_ends_and_says_nothing)
{
    ApiBench bench;
    EXPECT_EQ(tried(bench, "POST", "/api/sessions/s-1/end_experiment_session/", R"({"any":"thing"})"), "200 ");
    EXPECT_EQ(bench.store.verbs, std::vector<std::string>{"end"});
    EXPECT_EQ(bench.store.team, 7);
    EXPECT_EQ(bench.store.id, "s-1");
    EXPECT_EQ(bench.store.now, instant("2026-03-01T12:00:00Z"));
}

TEST(SessionEnd, an_unknown_session_is_told_with_braces)
{
    ApiBench bench;
    EXPECT_EQ(tried(bench, "POST", "/api/sessions/a%00b/end_experiment_session/", ""),
              R"(404 {"error":"Session not found:{id}"})");
    EXPECT_EQ(tried(bench, "POST", "/api/sessions/" + std::string(300, 'z') + "/end_experiment_session/", ""),
              R"(404 {"error":"Session not found:{id}"})");
    EXPECT_TRUE(bench.store.verbs.empty());
    bench.store.refusal = Problem{ProblemCode::session_unknown};
    EXPECT_EQ(tried(bench, "POST", "/api/sessions/nope/end_experiment_session/", ""),
              R"(404 {"error":"Session not found:{id}"})");
    bench.store.refusal = Problem{ProblemCode::store_unavailable};
    EXPECT_TRUE(tried(bench, "POST", "/api/sessions/nope/end_experiment_session/", "").starts_with("503 "));
}

// ---- update_state

std::string with_state(ApiBench& bench, std::string json)
{
    return tried(bench, "PATCH", "/api/sessions/s-1/update_state/", R"({"state":)" + json + "}");
}

TEST(SessionUpdateState, the_answer_shows_what_is_stored)
{
    std::pair<char const*, char const*> const states[] = {
        {R"({"a": 1})", R"({"a":1})"},
        {R"([1, {"a": 2}])", R"([1,{"a":2}])"},
        {R"("text")", R"("text")"},
        {"7", "7"},
        {"true", "true"},
        {R"({"a":1.0,"b":1.10,"c":1E5})", R"({"a":1.0,"b":1.10,"c":1E5})"},
        {R"({"b":1,"a":1,"b":2})", R"({"b":2,"a":1})"},
        {R"({"key":"a\u0000b\u0001c\td\u001fe","list":["\u0000"]})", R"({"key":"abc\tde","list":[""]})"},
        {R"(" ")", R"(" ")"},
        {"[0]", "[0]"},
    };
    for (auto const& [sent, stored] : states)
    {
        ApiBench bench;
        EXPECT_EQ(with_state(bench, sent), R"(200 {"success":true,"state":)" + std::string(stored) + "}") << sent;
        EXPECT_EQ(bench.store.state, stored);
        EXPECT_EQ(bench.store.now, instant("2026-03-01T12:00:00Z"));
    }
}

TEST(SessionUpdateState, a_falsy_state_is_a_missing_one_before_the_session_is_looked_for)
{
    ApiBench bench;
    bench.store.refusal = Problem{ProblemCode::session_unknown};
    for (char const* falsy : {"{}", "[]", R"("")", "0", "-0", "0.0", "0e5", "false", "null"})
    {
        EXPECT_EQ(with_state(bench, falsy), R"(400 {"error":"Missing 'state' in request"})") << falsy;
    }
    EXPECT_EQ(tried(bench, "PATCH", "/api/sessions/s-1/update_state/", "{}"), R"(400 {"error":"Missing 'state' in request"})");
    EXPECT_EQ(tried(bench, "PATCH", "/api/sessions/s-1/update_state/", R"({"stat":{"a":1}})"),
              R"(400 {"error":"Missing 'state' in request"})");
    EXPECT_TRUE(bench.store.verbs.empty());
}

TEST(SessionUpdateState, what_cannot_be_stored_is_refused)
{
    ApiBench bench;
    for (char const* state : {R"({"k":1e999})", R"({"k\u0000ey":1})", R"({"k":"\ud800"})", R"({"\udfff":1})"})
    {
        EXPECT_TRUE(with_state(bench, state).starts_with(R"(400 {"error":"'state' cannot be stored. )")) << state;
    }
    EXPECT_TRUE(bench.store.verbs.empty());
}

TEST(SessionUpdateState, an_unknown_session_is_named)
{
    ApiBench bench;
    EXPECT_EQ(tried(bench, "PATCH", "/api/sessions/a%00b/update_state/", R"({"state":1})"),
              R"(404 {"error":"Session not found: a\u0000b"})");
    EXPECT_TRUE(bench.store.verbs.empty());
    bench.store.refusal = Problem{ProblemCode::session_unknown};
    EXPECT_EQ(tried(bench, "PATCH", "/api/sessions/%7Bid%7D/update_state/", R"({"state":1})"),
              R"(404 {"error":"Session not found: {id}"})");
    EXPECT_EQ(tried(bench, "PATCH", "/api/sessions/%ff/update_state/", R"({"state":1})"),
              R"(404 {"error":"Session not found: %FF"})");
    EXPECT_EQ(tried(bench, "PATCH", "/api/sessions/%C3%BC/update_state/", R"({"state":1})"),
              R"(404 {"error":"Session not found: ü"})");
}

// ---- tags

std::string add(ApiBench& bench, std::string json)
{
    return tried(bench, "POST", "/api/sessions/s-1/tags/", R"({"tags":)" + json + "}");
}
std::string remove(ApiBench& bench, std::string json)
{
    return tried(bench, "DELETE", "/api/sessions/s-1/tags/", R"({"tags":)" + json + "}");
}

TEST(SessionTags, names_go_to_the_store_untrimmed_and_once)
{
    ApiBench bench;
    EXPECT_EQ(add(bench, R"(["  padded  ","padded","VIP","vip","padded","two\nlines","a\u0001b","标签"])"),
              R"(200 {"tags":["b","a"]})");
    EXPECT_EQ(bench.store.names, (std::vector<std::string>{"  padded  ", "padded", "VIP", "vip", "two\nlines",
                                                           "a\x01"
                                                           "b",
                                                           "标签"}));
    EXPECT_EQ(bench.store.verbs, std::vector<std::string>{"add_tags"});
    EXPECT_EQ(bench.store.id, "s-1");
    EXPECT_EQ(bench.store.team, 7);

    bench.store.tags = "[]";
    EXPECT_EQ(remove(bench, R"(["x","x"])"), R"(200 {"tags":[]})");
    EXPECT_EQ(bench.store.names, std::vector<std::string>{"x"});
    EXPECT_EQ(bench.store.verbs.back(), "remove_tags");
}

TEST(SessionTags, what_is_no_list_of_names_is_refused_before_the_session_is_looked_for)
{
    std::pair<char const*, char const*> const cases[] = {
        {"null", "Missing 'tags' in request"},
        {"[]", "Missing 'tags' in request"},
        {R"("")", "Missing 'tags' in request"},
        {"{}", "Missing 'tags' in request"},
        {"0", "Missing 'tags' in request"},
        {"false", "Missing 'tags' in request"},
        {R"("vip")", "'tags' must be a list"},
        {R"({"a":1})", "'tags' must be a list"},
        {"true", "'tags' must be a list"},
        {"1.5", "'tags' must be a list"},
        {"[1]", "'tags' must be a list of non-empty strings"},
        {R"(["a",null])", "'tags' must be a list of non-empty strings"},
        {R"(["a",""])", "'tags' must be a list of non-empty strings"},
        {R"(["a","  "])", "'tags' must be a list of non-empty strings"},
        {R"(["\u2003\u001c"])", "'tags' must be a list of non-empty strings"},
        {R"([["a"]])", "'tags' must be a list of non-empty strings"},
        {"[{}]", "'tags' must be a list of non-empty strings"},
        {"[true]", "'tags' must be a list of non-empty strings"},
        {R"(["a\u0000b",1])", "'tags' must be a list of non-empty strings"},
        {R"(["a\u0000b"])", "'tags' must not contain null characters"},
        {R"(["\ud800"])", "'tags' must not contain surrogate characters"},
    };
    ApiBench bench;
    bench.store.refusal = Problem{ProblemCode::session_unknown};
    for (auto const& [json, sentence] : cases)
    {
        std::string const expected = R"(400 {"error":")" + std::string(sentence) + R"("})";
        EXPECT_EQ(add(bench, json), expected) << json;
        EXPECT_EQ(remove(bench, json), expected) << json;
    }
    EXPECT_EQ(tried(bench, "POST", "/api/sessions/s-1/tags/", R"({"tag":["a"]})"),
              R"(400 {"error":"Missing 'tags' in request"})");
    EXPECT_TRUE(bench.store.verbs.empty());
}

TEST(SessionTags, a_name_of_more_than_a_hundred_characters_cannot_be_added_but_removed)
{
    std::string umlauts;
    for (int i = 0; i < 100; ++i)
        umlauts += "ü";
    ApiBench bench;
    EXPECT_EQ(add(bench, "[\"" + umlauts + "\"]"), R"(200 {"tags":["b","a"]})");
    EXPECT_EQ(add(bench, R"(["fine",")" + umlauts + R"(x"])"),
              R"(400 {"error":"'tags' must be strings of at most 100 characters"})");
    EXPECT_EQ(bench.store.verbs.size(), 1u);
    EXPECT_EQ(remove(bench, R"(["fine",")" + umlauts + R"(x"])"), R"(200 {"tags":["b","a"]})");
}

TEST(SessionTags, an_unknown_session_is_named)
{
    ApiBench bench;
    EXPECT_EQ(tried(bench, "POST", "/api/sessions/a%00b/tags/", R"({"tags":["a"]})"),
              R"(404 {"error":"Session not found: a\u0000b"})");
    std::string const longer(300, 'z');
    EXPECT_EQ(tried(bench, "DELETE", "/api/sessions/" + longer + "/tags/", R"({"tags":["a"]})"),
              R"(404 {"error":"Session not found: )" + longer + R"("})");
    EXPECT_TRUE(bench.store.verbs.empty());
    bench.store.refusal = Problem{ProblemCode::session_unknown};
    EXPECT_EQ(tried(bench, "POST", "/api/sessions/no.such.1/tags/", R"({"tags":["a"]})"),
              R"(404 {"error":"Session not found: no.such.1"})");
    EXPECT_EQ(tried(bench, "DELETE", "/api/sessions/no.such.1/tags/", R"({"tags":["a"]})"),
              R"(404 {"error":"Session not found: no.such.1"})");
    bench.store.refusal = Problem{ProblemCode::deadline_passed};
    EXPECT_TRUE(add(bench, R"(["a"])").starts_with("50"));
}

} // namespace
} // namespace parley::api::test
