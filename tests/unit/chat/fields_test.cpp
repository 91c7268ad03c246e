// What bodies and parameters of the chat are read as.
#include "poll_query.hpp"
#include "remote_context.hpp"
#include "start_fields.hpp"

#include <gtest/gtest.h>

namespace parley::chat
{
namespace
{

std::string start_errors(std::string_view body)
{
    auto const document = json::Document::parse(body);
    EXPECT_TRUE(document) << body;
    auto const fields = decode_start(document->root());
    return fields.errors.empty() ? "" : fields.errors.to_json();
}

TEST(StartFields, say_everything_that_is_wrong_at_once)
{
    for (
        auto const& [body, errors] : std::vector<std::pair<std::string_view, std::string_view>>{
            {R"({})", R"({"chatbot_id":["This field is required."]})"},
            {R"({"chatbot_id":null})", R"({"chatbot_id":["This field may not be null."]})"},
            {R"({"chatbot_id":"nope","version_number":"x"})",
             R"({"chatbot_id":["Must be a valid UUID."],"version_number":["A valid integer is required."]})"},
            {R"({"chatbot_id":"000000e1-0000-4000-8000-000000000001","session_data":[],"participant_name":" "})",
             R"({"session_data":["Expected a dictionary of items but got type \"list\"."],"participant_name":["This field may not be blank."]})"},
            {R"({"chatbot_id":"000000e1-0000-4000-8000-000000000001","version_number":1.5})",
             R"({"version_number":["A valid integer is required."]})"}})
        EXPECT_EQ(start_errors(body), errors) << body;
}

TEST(StartFields, are_taken_as_they_were_sent)
{
    auto const document = json::Document::parse(
        R"({"chatbot_id":"000000E1-0000-4000-8000-000000000001","version_number":"2","participant_remote_id":" r ","session_data":{"n":1.10}})");
    ASSERT_TRUE(document);
    auto const fields = decode_start(document->root());
    ASSERT_TRUE(fields.errors.empty());
    EXPECT_EQ(fields.chatbot->text(), "000000e1-0000-4000-8000-000000000001");
    EXPECT_EQ(fields.version, 2);
    EXPECT_EQ(fields.remote_id, "r");
    EXPECT_EQ(fields.session_data, R"({"n":1.10})");
}

TEST(PollQuery, reads_times_with_and_without_an_offset)
{
    auto const expected = parse_timestamp("2025-12-29T00:02:30Z");
    for (std::string_view const since :
         {"2025-12-29T00:02:30Z", "2025-12-29T00:02:30", "2025-12-29%2000:02:30Z", "2025-12-29T01:02:30%2B01:00",
          "2025-12-29T01:02:30+01:00"}) // The last one: a '+' that nobody encoded.
    {
        auto const parameters = read_poll_query("since=" + std::string(since));
        ASSERT_TRUE(parameters) << since;
        EXPECT_EQ(parameters->since, expected) << since;
    }
    EXPECT_EQ(read_poll_query("since=2025-12-29")->since, parse_timestamp("2025-12-29T00:00:00Z"));
    EXPECT_FALSE(read_poll_query("since=")->since);
}

TEST(PollQuery, refuses_what_is_no_time_and_no_number_in_bounds)
{
    for (std::string_view const query : {"since=yesterday", "since=2025-13-01T00:00:00Z", "limit=abc", "limit=0", "limit=201",
                                         "limit=-1", "limit=", "limit=1.5", "limit=99999999999"})
    {
        auto const parameters = read_poll_query(query);
        ASSERT_FALSE(parameters) << query;
        EXPECT_EQ(parameters.error().code, ProblemCode::field_invalid) << query;
    }
    EXPECT_EQ(read_poll_query("")->limit, 50);
    EXPECT_EQ(read_poll_query("limit=7&limit=200")->limit, 200) << "the last one counts";
}

TEST(RemoteContext, replaces_only_its_own_member)
{
    EXPECT_EQ(with_remote_context("{}", R"({"page":1})"), R"({"remote_context":{"page":1}})");
    EXPECT_EQ(with_remote_context(R"({"a":1.10,"remote_context":{"old":true},"b":[]})", R"({"page":1})"),
              R"({"a":1.10,"b":[],"remote_context":{"page":1}})");
    EXPECT_EQ(with_remote_context(R"([1,"two"])", R"({"page":1})"), std::nullopt) << "no object to add to";
}

} // namespace
} // namespace parley::chat
