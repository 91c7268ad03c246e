#include "api_bench.hpp"

#include <gtest/gtest.h>

namespace parley::api::test
{
namespace
{

std::string appended(ApiBench& bench, std::string body, std::string id = "s-1")
{
    return bench.outcome({.method = "POST", .path = "/api/v2/sessions/" + std::move(id) + "/messages/", .body = std::move(body)});
}

std::string many(std::size_t count)
{
    std::string body = R"({"messages":[)";
    for (std::size_t i = 0; i < count; ++i)
        body += std::string(i == 0 ? "" : ",") + R"({"role":"user","content":"x"})";
    return body + "]}";
}

TEST(SessionAppendMessages, the_store_is_asked_once_with_all_of_them)
{
    ApiBench bench;
    EXPECT_EQ(appended(bench, R"({"messages":[{"role":"assistant","content":" Hi "},{"role":"user","content":1.50,"more":[]}]})"),
              R"(201 {"messages":[{"shown":1}]})");
    EXPECT_EQ(bench.store.verbs, std::vector<std::string>{"append_messages"});
    EXPECT_EQ(bench.store.team, 7);
    EXPECT_EQ(bench.store.id, "s-1");
    EXPECT_EQ(bench.store.now, instant("2026-03-01T12:00:00Z"));
    ASSERT_EQ(bench.store.added.size(), 2U);
    EXPECT_EQ(bench.store.added[0].role, domain::Role::assistant);
    EXPECT_EQ(bench.store.added[0].content, "Hi");
    EXPECT_EQ(bench.store.added[1].content, "1.50");
}

TEST(SessionAppendMessages, what_is_wrong_is_told_and_the_store_not_asked)
{
    ApiBench bench;
    for (
        auto const& [body, answer] : std::vector<std::pair<std::string, std::string>>{
            {"", R"(400 {"messages":["This field is required."]})"},
            {R"({"messages":null})", R"(400 {"messages":["This field may not be null."]})"},
            {R"({"messages":[]})", R"(400 {"messages":["This list may not be empty."]})"},
            {R"({"messages":{}})",
             R"(400 {"messages":{"non_field_errors":["Expected a list of items but got type \"dict\"."]}})"},
            {R"({"messages":[{"role":"user","content":"x"},{"role":"robot","content":" "}]})",
             R"(400 {"messages":[{},{"role":["\"robot\" is not a valid choice."],"content":["This field may not be blank."]}]})"},
            {many(21), R"(400 {"messages":["Ensure this field has no more than 20 elements."]})"},
            {"[]", R"(400 {"non_field_errors":["Invalid data. Expected a dictionary, but got list."]})"}})
        EXPECT_EQ(appended(bench, body), answer) << body;
    EXPECT_TRUE(bench.store.verbs.empty());
    EXPECT_TRUE(appended(bench, many(20)).starts_with("201 "));
}

TEST(SessionAppendMessages, an_unknown_session_is_told_as_in_a_retrieve)
{
    ApiBench bench;
    constexpr std::string_view unknown = R"(404 {"detail":"No ExperimentSession matches the given query."})";
    EXPECT_EQ(appended(bench, many(1), "a%00b"), unknown);
    EXPECT_EQ(appended(bench, many(1), std::string(300, 'z')), unknown);
    EXPECT_TRUE(bench.store.verbs.empty());
    bench.store.refusal = Problem{ProblemCode::session_unknown};
    EXPECT_EQ(appended(bench, many(1)), unknown);
    bench.store.refusal = Problem{ProblemCode::store_unavailable};
    EXPECT_TRUE(appended(bench, many(1)).starts_with("503 "));
}

} // namespace
} // namespace parley::api::test
