#include "parley/world/render.hpp"

#include <gtest/gtest.h>

namespace parley::world
{

namespace
{

// A team with three files and a few tags, and a session that has the first two files.
struct Room
{
    store::WorldRows rows;
    Session session;

    Room()
    {
        rows.files = {{.team = 0, .id = 7, .name = "a.pdf", .content_type = "application/pdf", .size = 12, .external_id = ""},
                      {.team = 0, .id = 5, .name = "b.png", .content_type = "image/png", .size = {}, .external_id = "ext-5"},
                      {.team = 0, .id = 9, .name = "c.txt", .content_type = "text/plain", .size = 1, .external_id = "ext-9"}};
        rows.tags = {{.team = 0, .name = "vip", .category = "", .is_system = false},
                     {.team = 0, .name = "apple", .category = "", .is_system = false}};
        session.row.files = {1, 0};
    }

    void say(std::string metadata, std::string content = "hello", std::string at = "2026-01-01T00:00:00Z")
    {
        session.messages.push_back({.created_at = *parse_timestamp(at),
                                    .role = domain::Role::user,
                                    .content = std::move(content),
                                    .metadata = std::move(metadata),
                                    .tags = {},
                                    .summary = {}});
    }

    [[nodiscard]] store::SessionRow rendered() const { return render(rows, session); }
    [[nodiscard]] std::string message() const { return rendered().messages.at(0).rendered; }
};

std::string attachment(std::string const& file)
{
    return "\"attachments\":[" + file + "]";
}
std::string const file_7 =
    "{\"name\":\"a.pdf\",\"content_type\":\"application/pdf\",\"size\":12,\"content_url\":\"\x01/api/files/7/content\"}";
std::string const file_5 =
    "{\"name\":\"b.png\",\"content_type\":\"image/png\",\"size\":null,\"content_url\":\"\x01/api/files/5/content\"}";

store::UsageRow usage(std::string model, std::string quantity, std::string cost, std::string source = "chat")
{
    return {.model = std::move(model),
            .kind = "llm_input",
            .quantity = std::move(quantity),
            .cost = std::move(cost),
            .source = std::move(source)};
}

} // namespace

TEST(RenderAttachments, are_the_sessions_files_that_the_metadata_names)
{
    Room room;
    room.say(R"({"cited_files":[5]})");
    EXPECT_NE(room.message().find(attachment(file_5)), std::string::npos) << room.message();
}

TEST(RenderAttachments, stand_once_and_in_the_order_of_files)
{
    Room room;
    room.say(R"({"generated_files":[5,7,5],"ocs_attachment_file_ids":[7],"cited_files":[5]})");
    EXPECT_NE(room.message().find(attachment(file_7 + "," + file_5)), std::string::npos) << room.message();
}

TEST(RenderAttachments, go_by_the_external_id_too)
{
    Room room;
    room.say(R"({"openai_file_ids":["ext-5","","ext-9","nope"]})");
    EXPECT_NE(room.message().find(attachment(file_5)), std::string::npos) << room.message();
}

TEST(RenderAttachments, leave_out_files_of_others_and_what_is_no_id)
{
    Room room;
    room.say(R"({"cited_files":[9,9999,"7",null,7.5,123456789012345678901234],"generated_files":"7","openai_file_ids":5})");
    EXPECT_NE(room.message().find(attachment("")), std::string::npos) << room.message();
}

TEST(RenderMetadata, hides_keys_and_keeps_the_original)
{
    Room room;
    room.say(R"({"openai_run_id":"r","keep":1.50,"openai_file_ids":[],"openai_thread_checkpoint":true,"z":{"openai_run_id":1}})");
    auto const row = room.rendered().messages.at(0);
    EXPECT_NE(row.rendered.find(R"("metadata":{"keep":1.50,"z":{"openai_run_id":1}},)"), std::string::npos) << row.rendered;
    EXPECT_EQ(row.original_metadata, room.session.messages[0].metadata);
}

TEST(RenderMetadata, keeps_no_copy_where_nothing_is_hidden)
{
    Room room;
    room.say(R"({"keep":1.50})");
    EXPECT_FALSE(room.rendered().messages.at(0).original_metadata);
}

TEST(RenderMessages, stand_in_ascending_time_and_else_in_their_order)
{
    Room room;
    room.say("{}", "third", "2026-01-01T00:00:02Z");
    room.say("{}", "first", "2026-01-01T00:00:01Z");
    room.say("{}", "fourth", "2026-01-01T00:00:02Z");
    auto const restored = restore(room.rendered());
    ASSERT_EQ(restored.messages.size(), 3U);
    EXPECT_EQ(restored.messages[0].content, "first");
    EXPECT_EQ(restored.messages[1].content, "third");
    EXPECT_EQ(restored.messages[2].content, "fourth");
}

TEST(RenderMessages, show_their_tags_as_they_were_attached)
{
    Room room;
    room.say("{}");
    room.session.messages[0].tags = {1, 0};
    auto const row = room.rendered().messages.at(0);
    EXPECT_NE(row.rendered.find(R"("tags":["apple","vip"])"), std::string::npos) << row.rendered;
    EXPECT_EQ(row.tags, (std::vector<store::Index>{1, 0}));
}

TEST(RestoreMessages, gives_back_what_was_rendered)
{
    Room room;
    room.say(R"({"openai_run_id":"r","cited_files":[5],"n":1.0})", "line\n\"q\" \\ \x7f ü😀");
    room.session.messages[0].summary = "what was \"said\"";
    room.session.messages[0].role = domain::Role::assistant;
    room.session.messages[0].tags = {1, 0};
    auto const restored = restore(room.rendered()).messages.at(0);
    auto const& original = room.session.messages[0];
    EXPECT_EQ(restored.content, original.content);
    EXPECT_EQ(restored.metadata, original.metadata);
    EXPECT_EQ(restored.summary, original.summary);
    EXPECT_EQ(restored.role, original.role);
    EXPECT_EQ(restored.tags, original.tags);
    EXPECT_EQ(restored.created_at, original.created_at);
}

TEST(RestoreMessages, a_summary_in_the_metadata_of_a_message_is_no_summary)
{
    Room room;
    room.say(R"({"compression_marker":"summarize"})");
    auto const restored = restore(room.rendered()).messages.at(0);
    EXPECT_FALSE(restored.summary);
    EXPECT_EQ(restored.metadata, R"({"compression_marker":"summarize"})");
}

TEST(RenderUsage, counts_the_chats_own_rows_exactly_and_sorts_by_cost)
{
    auto const rendered = render_usage({usage("small-y", "10.75", "0.00000001"), usage("big-x", "1000.5", "0.0123"),
                                        usage("big-x", "250.6", "0.0045"), usage("judge-z", "5000", "9", "evaluation")});
    EXPECT_EQ(rendered, R"({"total_cost":"0.01680001","by_model":[{"model_name":"big-x","cost":"0.01680000","tokens":1251},)"
                        R"({"model_name":"small-y","cost":"0.00000001","tokens":10}]})");
}

TEST(RenderUsage, is_nothing_where_nothing_counts)
{
    EXPECT_FALSE(render_usage({}));
    EXPECT_FALSE(render_usage({usage("judge-z", "5000", "9", "evaluation")}));
}

} // namespace parley::world
