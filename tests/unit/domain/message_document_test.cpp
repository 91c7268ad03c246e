// Messages and usage as they are stored and shown.
#include "parley/domain/message_document.hpp"

#include <gtest/gtest.h>

namespace parley::domain
{
namespace
{

MessageParts a_message()
{
    MessageParts parts;
    parts.created_at = *parse_timestamp("2026-01-01T01:05:00.000555Z");
    parts.role = Role::assistant;
    parts.content = "cited";
    return parts;
}

TEST(MessageDocument, a_plain_message)
{
    EXPECT_EQ(render_message(a_message()), R"({"created_at":"2026-01-01T01:05:00.000555Z","role":"assistant","content":"cited",)"
                                           R"("metadata":{},"tags":[],"attachments":[]})");
}

TEST(MessageDocument, texts_are_escaped_and_metadata_is_spliced)
{
    MessageParts parts = a_message();
    parts.created_at = *parse_timestamp("2026-01-01T01:05:00Z");
    parts.role = Role::user;
    parts.content = "line1\n\ttab \"q\" \\ é\x01";
    parts.metadata = R"({"n":1.10})";
    parts.tag_names = {"v1", "a\"b"};
    EXPECT_EQ(render_message(parts),
              "{\"created_at\":\"2026-01-01T01:05:00Z\",\"role\":\"user\",\"content\":\"line1\\n\\ttab \\\"q\\\" \\\\ é\\u0001\","
              "\"metadata\":{\"n\":1.10},\"tags\":[\"v1\",\"a\\\"b\"],\"attachments\":[]}");
}

TEST(MessageDocument, a_link_begins_with_the_mark)
{
    MessageParts parts = a_message();
    parts.attachments = {{.id = 102, .name = "photo ü.png", .content_type = "image/png", .size = 0},
                         {.id = 103, .name = "nosize.txt", .content_type = "text/plain", .size = std::nullopt}};
    EXPECT_EQ(
        render_message(parts),
        "{\"created_at\":\"2026-01-01T01:05:00.000555Z\",\"role\":\"assistant\",\"content\":\"cited\",\"metadata\":{},\"tags\":[]"
        ",\"attachments\":["
        "{\"name\":\"photo ü.png\",\"content_type\":\"image/png\",\"size\":0,\"content_url\":\"\x01/api/files/102/content\"},"
        "{\"name\":\"nosize.txt\",\"content_type\":\"text/plain\",\"size\":null,\"content_url\":\"\x01/api/files/103/"
        "content\"}]}");
}

TEST(MessageDocument, a_summary_stands_before_its_message)
{
    MessageParts parts = a_message();
    parts.summary = "so far: \"greetings\"";
    EXPECT_EQ(render_message(parts),
              R"({"created_at":"2026-01-01T01:05:00.000555Z","role":"system","content":"so far: \"greetings\"",)"
              R"("metadata":{"compression_marker":"summarize"},"tags":[],"attachments":[]},)"
              R"({"created_at":"2026-01-01T01:05:00.000555Z","role":"assistant","content":"cited",)"
              R"("metadata":{},"tags":[],"attachments":[]})");
}

TEST(UsageDocument, nothing_used)
{
    EXPECT_EQ(render_usage({}), R"({"total_cost":"0.00000000","by_model":[]})");
}

TEST(UsageDocument, models_stand_by_descending_cost_and_add_up_exactly)
{
    EXPECT_EQ(
        render_usage(
            {{"small-y", "0.00000001", "10.0000"}, {"gpt-x", "0.01230000", "1000.0000"}, {"gpt-x", "0.00450000", "250.0000"}}),
        R"({"total_cost":"0.01680001","by_model":[{"model_name":"gpt-x","cost":"0.01680000","tokens":1250},)"
        R"({"model_name":"small-y","cost":"0.00000001","tokens":10}]})");
}

TEST(UsageDocument, tokens_are_the_whole_part_of_the_sum_and_not_the_sum_of_whole_parts)
{
    EXPECT_EQ(render_usage({{"m", "1", "0.6"}, {"m", "1.5", "0.5"}}),
              R"({"total_cost":"2.50000000","by_model":[{"model_name":"m","cost":"2.50000000","tokens":1}]})");
}

TEST(UsageDocument, a_thousand_small_costs_do_not_drift)
{
    std::vector<UsageParts> const parts(1000, UsageParts{"m", "0.00000007", "0.1"});
    EXPECT_EQ(render_usage(parts),
              R"({"total_cost":"0.00007000","by_model":[{"model_name":"m","cost":"0.00007000","tokens":100}]})");
}

TEST(UsageDocument, equal_costs_keep_the_order_of_coming)
{
    EXPECT_EQ(render_usage({{"b", "1", "1"}, {"a", "1", "1"}}),
              R"({"total_cost":"2.00000000","by_model":[{"model_name":"b","cost":"1.00000000","tokens":1},)"
              R"({"model_name":"a","cost":"1.00000000","tokens":1}]})");
}

TEST(UsageDocument, what_is_no_such_number_is_refused)
{
    for (char const* wrong :
         {"", "-1", "+1", "1e5", ".5", "1.123456789", "abc", "1,5", " 1", "99999999999999999999", "92233720369"})
    {
        EXPECT_EQ(render_usage({{"m", wrong, "1"}}), std::nullopt) << wrong;
        EXPECT_EQ(render_usage({{"m", "1", wrong}}), std::nullopt) << wrong;
    }
    EXPECT_EQ(render_usage({{"m", "92233720368", "1"}, {"m", "92233720368", "1"}}), std::nullopt);
}

} // namespace
} // namespace parley::domain
