// session_list: what the parameters ask of the store, and the page that comes back.
#include "api_bench.hpp"

#include "parley/api/cursor.hpp"

#include <gtest/gtest.h>

namespace parley::api::test
{
namespace
{

domain::ListQuery asked(std::string query)
{
    ApiBench bench;
    http::Response const response = bench.send({.query = query});
    EXPECT_EQ(response.status, 200) << query << " " << response.body;
    EXPECT_TRUE(bench.store.list_query) << query;
    return bench.store.list_query.value_or(domain::ListQuery{});
}

std::string refused(std::string query)
{
    ApiBench bench;
    std::string outcome = bench.outcome({.query = query});
    EXPECT_TRUE(bench.store.verbs.empty()) << query;
    return outcome;
}

using Names = std::vector<std::string>;

TEST(SessionList, without_parameters)
{
    domain::ListQuery const query = asked("");
    EXPECT_EQ(query.team_id, 7);
    EXPECT_EQ(query.page_size, 100);
    EXPECT_EQ(query.order, domain::Order::newest_first);
    EXPECT_TRUE(query.with_count);
    EXPECT_FALSE(query.cursor);
    EXPECT_FALSE(query.experiment);
    EXPECT_FALSE(query.tags);
    EXPECT_FALSE(query.versions);
}

TEST(SessionList, a_page_size_is_digits_padded_with_spaces_at_most)
{
    std::pair<char const*, int> const sizes[] = {
        {"1", 1},     {"5", 5},        {"00005", 5},   {"+5", 5},      {"+5+", 5},
        {"%205", 5},  {"1500", 1500},  {"1501", 1500}, {"0", 100},     {"-1", 100},
        {"abc", 100}, {"", 100},       {"1e2", 100},   {"%2B5", 100},  {"1_0", 100},
        {"5.0", 100}, {"%D9%A3", 100}, {"+", 100},     {"5%095", 100}, {"%095", 100},
        {"1+5", 100}, {"0x5", 100},    {"000", 100},   {"%00", 100},   {"999999999999999999999999999999", 1500},
    };
    for (auto const& [text, size] : sizes)
        EXPECT_EQ(asked(std::string("page_size=") + text).page_size, size) << text;
    EXPECT_EQ(asked("page_size=3&page_size=7").page_size, 7);
    EXPECT_EQ(asked("page_size=3&page_size=").page_size, 100);
}

TEST(SessionList, the_first_valid_term_orders)
{
    using domain::Order;
    std::pair<char const*, Order> const orders[] = {
        {"created_at", Order::oldest_first},
        {"-created_at", Order::newest_first},
        {"created_at,-created_at", Order::oldest_first},
        {"-created_at,created_at", Order::newest_first},
        {"junk,created_at", Order::oldest_first},
        {"+created_at+", Order::oldest_first},
        {"%E2%80%83created_at", Order::oldest_first},
        {",created_at", Order::oldest_first},
        {"junk", Order::newest_first},
        {"id", Order::newest_first},
        {"CREATED_AT", Order::newest_first},
        {"--created_at", Order::newest_first},
        {"%2Bcreated_at", Order::newest_first},
        {"", Order::newest_first},
    };
    for (auto const& [text, order] : orders)
        EXPECT_EQ(asked(std::string("ordering=") + text).order, order) << text;
    EXPECT_EQ(asked("ordering=created_at&ordering=junk").order, Order::newest_first);
}

TEST(SessionList, names_are_split_at_commas_and_taken_exactly)
{
    EXPECT_EQ(asked("tags=vip").tags, (Names{"vip"}));
    EXPECT_EQ(asked("tags=vip,follow-up").tags, (Names{"vip", "follow-up"}));
    EXPECT_EQ(asked("tags=comma%2Ctag").tags, (Names{"comma", "tag"}));
    EXPECT_EQ(asked("tags=two%20words,+VIP+").tags, (Names{"two words", " VIP "}));
    EXPECT_EQ(asked("tags=%E6%A0%87%E7%AD%BE").tags, (Names{"标签"}));
    EXPECT_EQ(asked("tags=vip,").tags, (Names{"vip"}));
    EXPECT_EQ(asked("tags=vip,vip").tags, (Names{"vip"}));
    EXPECT_EQ(asked("tags=,").tags, Names{});
    EXPECT_EQ(asked("versions=v1,v2").versions, (Names{"v1", "v2"}));
    EXPECT_EQ(asked("versions=,").versions, Names{});
}

TEST(SessionList, an_empty_filter_is_none_and_the_last_of_several_counts)
{
    EXPECT_EQ(asked("tags=").tags, std::nullopt);
    EXPECT_EQ(asked("versions").versions, std::nullopt);
    EXPECT_EQ(asked("experiment=").experiment, std::nullopt);
    EXPECT_EQ(asked("tags=vip&tags=follow-up").tags, (Names{"follow-up"}));
    EXPECT_EQ(asked("tags=vip&tags=").tags, std::nullopt);
    EXPECT_EQ(asked("experiment=nope&experiment=").experiment, std::nullopt);
}

TEST(SessionList, a_chatbot_in_every_spelling)
{
    std::optional<Uuid> const uuid = Uuid::parse("000000e1-0000-4000-8000-00000000000a");
    for (char const* text :
         {"000000e1-0000-4000-8000-00000000000a", "000000E1-0000-4000-8000-00000000000A", "000000e100004000800000000000000a",
          "%7B000000e1-0000-4000-8000-00000000000a%7D", "urn:uuid:000000e1-0000-4000-8000-00000000000a"})
    {
        EXPECT_EQ(asked(std::string("experiment=") + text).experiment, uuid) << text;
    }
}

TEST(SessionList, what_is_no_uuid_is_refused_by_name)
{
    EXPECT_EQ(refused("experiment=nope"), R"(400 {"experiment":["\"nope\" is not a valid UUID."]})");
    EXPECT_EQ(refused("experiment=1"), R"(400 {"experiment":["\"1\" is not a valid UUID."]})");
    EXPECT_EQ(refused("experiment=%3Cb%3E"), R"(400 {"experiment":["\"<b>\" is not a valid UUID."]})");
    EXPECT_EQ(refused("experiment=a%00b"), R"(400 {"experiment":["\"a\u0000b\" is not a valid UUID."]})");
    EXPECT_EQ(refused("experiment=%20000000e1-0000-4000-8000-000000000001%20"),
              R"(400 {"experiment":["\" 000000e1-0000-4000-8000-000000000001 \" is not a valid UUID."]})");
    EXPECT_EQ(refused("experiment=%ff"), "400 {\"experiment\":[\"\\\"\uFFFD\\\" is not a valid UUID.\"]}");
}

TEST(SessionList, a_nul_in_a_filter_is_refused)
{
    EXPECT_EQ(refused("tags=%00"), R"(400 {"tags":["Null characters are not allowed."]})");
    EXPECT_EQ(refused("tags=vip,a%00b"), R"(400 {"tags":["Null characters are not allowed."]})");
    EXPECT_EQ(refused("versions=%00&tags=a%00&experiment=x"),
              R"(400 {"experiment":["\"x\" is not a valid UUID."],"tags":["Null characters are not allowed."],)"
              R"("versions":["Null characters are not allowed."]})");
}

TEST(SessionList, a_cursor_is_read_and_ends_the_counting)
{
    domain::Cursor const cursor{
        .direction = domain::Cursor::Direction::backward, .created_at = instant("2026-01-01T00:00:00Z"), .id = "x"};
    domain::ListQuery const query = asked("cursor=" + encode_cursor(cursor) + "&page_size=3");
    EXPECT_EQ(query.cursor, cursor);
    EXPECT_FALSE(query.with_count);
    EXPECT_EQ(query.page_size, 3);

    EXPECT_FALSE(asked("cursor=").cursor);
    EXPECT_FALSE(asked("cursor=").with_count);
    EXPECT_FALSE(asked("cursor=abc&cursor=").cursor);
}

TEST(SessionList, another_cursor_is_invalid_but_the_chatbot_is_held_first)
{
    EXPECT_EQ(refused("cursor=abc"), R"(404 {"detail":"Invalid cursor"})");
    EXPECT_EQ(refused("cursor=%25%25%25"), R"(404 {"detail":"Invalid cursor"})");
    EXPECT_EQ(refused("cursor=bz0xMDAw&page_size=4"), R"(404 {"detail":"Invalid cursor"})");
    EXPECT_EQ(refused("experiment=nope&cursor=abc"), R"(400 {"experiment":["\"nope\" is not a valid UUID."]})");
}

TEST(SessionList, an_empty_page)
{
    ApiBench bench;
    bench.store.page.count = 0;
    EXPECT_EQ(bench.outcome({}), R"(200 {"next":null,"previous":null,"results":[],"count":0})");
    bench.store.page.count.reset();
    EXPECT_EQ(bench.outcome({}), R"(200 {"next":null,"previous":null,"results":[]})");
}

TEST(SessionList, rows_as_they_are_shown)
{
    ApiBench bench;
    bench.store.page.sessions = {a_session("s 1"), a_session("s-2")};
    bench.store.page.sessions[1].platform = "web";
    bench.store.page.count = 2;
    std::string const experiment =
        R"("experiment":{"id":"6f1dd7a4-7a6b-4f59-9d5f-2f6a4a1c0001","name":"Main \"Bot\"","description":"The main bot",)"
        R"("url":"https://parley.test/api/experiments/6f1dd7a4-7a6b-4f59-9d5f-2f6a4a1c0001/","version_number":3})";
    EXPECT_EQ(
        bench.outcome({}),
        R"(200 {"next":null,"previous":null,"results":[)"
        R"({"url":"https://parley.test/api/sessions/s%201/","id":"s 1","team":{"name":"Alpha \"Team\"","slug":"alpha"},)" +
            experiment +
            R"(,"participant":{"identifier":"someone@users.example","remote_id":"r1"},"created_at":"2026-01-01T01:00:00Z",)"
            R"("updated_at":"2026-01-01T01:30:00.000100Z","status":"pending-review","platform":null,"tags":["vip"],"state":{"a":1.10}},)"
            R"({"url":"https://parley.test/api/sessions/s-2/","id":"s-2","team":{"name":"Alpha \"Team\"","slug":"alpha"},)" +
            experiment +
            R"(,"participant":{"identifier":"someone@users.example","remote_id":"r1"},"created_at":"2026-01-01T01:00:00Z",)"
            R"("updated_at":"2026-01-01T01:30:00.000100Z","status":"pending-review","platform":"web","tags":["vip"],"state":{"a":1.10}}],)"
            R"("count":2})");
}

TEST(SessionList, rows_of_different_chatbots_are_not_mixed_up)
{
    ApiBench bench;
    bench.store.page.sessions = {a_session("a"), a_session("b"), a_session("c")};
    domain::Experiment other;
    other.id = *Uuid::parse("6f1dd7a4-7a6b-4f59-9d5f-2f6a4a1c0002");
    other.name = "Other";
    bench.store.page.sessions[1].experiment = std::make_shared<domain::Experiment const>(other);
    std::string const body = bench.send({}).body;
    std::string names;
    for (auto at = body.find("\"experiment\""); at != std::string::npos; at = body.find("\"experiment\"", at + 1))
    {
        auto const name = body.find("\"name\":", at) + 8;
        names += body.substr(name, 5) + "|";
    }
    EXPECT_EQ(names, "Main |Other|Main |");
    EXPECT_NE(body.find(R"("name":"Other","description":null)"), std::string::npos);
}

// ---- links

std::string next_link(Sent const& sent, std::string base_url = "https://parley.test")
{
    ApiBench bench;
    bench.base_url = std::move(base_url);
    domain::Cursor const cursor{
        .direction = domain::Cursor::Direction::forward, .created_at = instant("2026-01-01T00:00:00Z"), .id = "x"};
    bench.store.page.next = cursor;
    std::string body = bench.send(sent).body;
    EXPECT_TRUE(body.starts_with(R"({"next":")")) << body;
    std::string link = body.substr(9, body.find('"', 9) - 9);
    auto const text = encode_cursor(cursor);
    auto const at = link.find(text);
    return at == std::string::npos ? link : link.replace(at, text.size(), "C");
}

TEST(SessionListLinks, the_cursor_is_the_only_parameter_that_is_replaced)
{
    EXPECT_EQ(next_link({}), "https://parley.test/api/sessions/?cursor=C");
    EXPECT_EQ(next_link({.query = "page_size=1"}), "https://parley.test/api/sessions/?cursor=C&page_size=1");
    std::string const old = encode_cursor(
        {.direction = domain::Cursor::Direction::backward, .created_at = instant("2026-01-02T00:00:00Z"), .id = "y"});
    EXPECT_EQ(next_link({.query = "page_size=1&cursor=" + old}), "https://parley.test/api/sessions/?cursor=C&page_size=1");
    EXPECT_EQ(next_link({.query = "cursor=&cursor=" + old}), "https://parley.test/api/sessions/?cursor=C");
}

TEST(SessionListLinks, parameters_are_sorted_by_name_and_repetitions_kept)
{
    EXPECT_EQ(next_link({.query = "tags=vip&page_size=5&foo=bar&tags=a&Z=1"}),
              "https://parley.test/api/sessions/?Z=1&cursor=C&foo=bar&page_size=5&tags=vip&tags=a");
}

TEST(SessionListLinks, values_are_encoded_anew)
{
    EXPECT_EQ(next_link({.query = "page_size=+5"}), "https://parley.test/api/sessions/?cursor=C&page_size=+5");
    EXPECT_EQ(next_link({.query = "tags=vip,follow-up&x=%2B%26%3D%7e"}),
              "https://parley.test/api/sessions/?cursor=C&tags=vip%2Cfollow-up&x=%2B%26%3D~");
    EXPECT_EQ(next_link({.query = "experiment=urn:uuid:000000e1-0000-4000-8000-000000000001"}),
              "https://parley.test/api/sessions/?cursor=C&experiment=urn%3Auuid%3A000000e1-0000-4000-8000-000000000001");
    EXPECT_EQ(next_link({.query = "a&b=&=c&ü=%c3%bc&d=%ff"}),
              "https://parley.test/api/sessions/?=c&a=&b=&cursor=C&d=%EF%BF%BD&%C3%BC=%C3%BC");
}

TEST(SessionListLinks, the_path_is_the_requested_one)
{
    EXPECT_EQ(next_link({.path = "/api/v1/sessions/"}, "http://other.example:8443"),
              "http://other.example:8443/api/v1/sessions/?cursor=C");
}

TEST(SessionList, links_to_chatbots_may_begin_elsewhere)
{
    ApiBench bench(ApiSettings{.platform_url = "https://platform.test"});
    bench.store.page.sessions = {a_session()};
    std::string const body = bench.send({}).body;
    EXPECT_NE(body.find(R"("url":"https://platform.test/api/experiments/)"), std::string::npos) << body;
    EXPECT_NE(body.find(R"("url":"https://parley.test/api/sessions/)"), std::string::npos) << body;
}

TEST(SessionList, the_body_is_never_read)
{
    ApiBench bench;
    EXPECT_EQ(bench.send({.body = "{"}).status, 200);
    EXPECT_EQ(bench.body_reads, 0);
}

TEST(SessionList, a_problem_of_the_store_is_passed_on)
{
    ApiBench bench;
    bench.store.refusal = Problem{ProblemCode::store_overloaded};
    EXPECT_EQ(bench.send({}).status, 503);
}

} // namespace
} // namespace parley::api::test
