// Goal: a text that a client sends is stored as it was sent (or as the API says it changes), or refused; never a 500.
// Method: texts that break other services, as escapes and as UTF-8, in every place that takes a text. What must come back is said
// here by rules of this file (API behaviour, 4 to 7), and JSON is read by a parser that is not the service's.
#include "parley/support/api_client.hpp"
#include "parley/support/test_world.hpp"
#include "parley/support/world_service.hpp"

#include <boost/json.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace parley::e2e
{
namespace
{

namespace json = boost::json;
using Text = std::u32string;

Text repeated(char32_t c, std::size_t count)
{
    return Text(count, c);
}

std::vector<Text> const& naughty_texts()
{
    static std::vector<Text> const texts{
        U"plain",
        U"",
        U" ",
        U"\t",
        U"\r\n",
        U"  spaces around  ",
        Text(1, U'\0'),
        U"a" + Text(1, U'\0') + U"b",
        U"\x01\x02\x1f",
        U"\x1c\x1d\x1e\x1f",
        U"x\x1bx",
        U"\x7f",
        U"\x85",
        U"\xa0",
        U"\u3000\u2003",
        U"\u2028\u2029",
        U"\u200b",
        U"\ufeff",
        U"\u202eright to left",
        U"\u00e9 and e\u0301",
        U"\U0001f4a9",
        U"\U0001d518\U0001d52b\U0001d526",
        U"\U0001f468\u200d\U0001f469\u200d\U0001f467",
        U"\ufdfd",
        U"\ufffe\uffff",
        U"\U0010ffff",
        U"\u0130\u0131\u00df\ufb01",
        U"<script>alert(1)</script>",
        U"'; drop table session; --",
        U"\" or \"1\"=\"1",
        U"%00%n%s",
        U"../../etc/passwd",
        U"\\",
        U"\\\\\"",
        U"\\u0000",
        U"{\"a\":1}",
        U"[]",
        U"$1",
        U"{1,2}",
        U"NULL",
        U"null",
        U"true",
        U"NaN",
        U"1e999",
        U"-0",
        U"007",
        U"\u0661\u0662\u0663",
        repeated(U'a', 99),
        repeated(U'a', 100),
        repeated(U'a', 101),
        repeated(U'\u00e9', 100),
        repeated(U'\U0001f4a9', 100),
        repeated(U'\U0001f4a9', 101),
        repeated(U'a', 320),
        repeated(U'\u00e9', 320),
        repeated(U'a', 321),
        repeated(U'a', 10'000),
    };
    return texts;
}

std::string to_utf8(std::u32string_view text)
{
    std::string bytes;
    for (char32_t const c : text)
    {
        auto const add = [&](char32_t value) { bytes.push_back(static_cast<char>(static_cast<unsigned char>(value))); };
        if (c < 0x80)
            add(c);
        else if (c < 0x800)
            add(0xc0 | c >> 6), add(0x80 | (c & 0x3f));
        else if (c < 0x10000)
            add(0xe0 | c >> 12), add(0x80 | (c >> 6 & 0x3f)), add(0x80 | (c & 0x3f));
        else
            add(0xf0 | c >> 18), add(0x80 | (c >> 12 & 0x3f)), add(0x80 | (c >> 6 & 0x3f)), add(0x80 | (c & 0x3f));
    }
    return bytes;
}

void append_escape(std::string& literal, char32_t unit)
{
    std::array<char, 8> escape{};
    std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(unit));
    literal += escape.data();
}

enum class Spelling : std::uint8_t
{
    escapes, // Every character as \uXXXX.
    utf8,    // As it is, but for what JSON forbids.
};

std::string to_literal(std::u32string_view text, Spelling spelling)
{
    std::string literal = "\"";
    for (char32_t const c : text)
    {
        bool const must = c < 0x20 || c == U'"' || c == U'\\';
        if (spelling == Spelling::utf8 && !must)
            literal += to_utf8(std::u32string_view(&c, 1));
        else if (c < 0x10000)
            append_escape(literal, c);
        else
            append_escape(literal, 0xd7c0 + (c >> 10)), append_escape(literal, 0xdc00 + (c & 0x3ff));
    }
    return literal + "\"";
}

// White space as Python's str.strip() knows it.
bool is_space(char32_t c)
{
    return (c >= 0x09 && c <= 0x0d) || (c >= 0x1c && c <= 0x20) || c == 0x85 || c == 0xa0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

Text trimmed(Text text)
{
    auto const is_visible = [](char32_t c) { return !is_space(c); };
    text.erase(std::find_if(text.rbegin(), text.rend(), is_visible).base(), text.end());
    text.erase(text.begin(), std::find_if(text.begin(), text.end(), is_visible));
    return text;
}

// As a value in a state: control characters vanish.
Text without_controls(Text text)
{
    std::erase_if(text, [](char32_t c) { return c < 0x20 && c != U'\t' && c != U'\n' && c != U'\r'; });
    return text;
}

bool has_nul(Text const& text)
{
    return text.find(U'\0') != Text::npos;
}

class NaughtyText : public testing::Test
{
  protected:
    static void SetUpTestSuite()
    {
        service_ = support::start_with_small_world(support::small_world({{.id = "known", .created_at = "2026-01-01T00:00:00Z"}}),
                                                   {"--rate-limit-enforce", "false"});
    }
    static void TearDownTestSuite()
    {
        EXPECT_EQ(service_->stop(), 0);
        service_.reset();
    }

    static support::ApiClient client() { return {*service_, support::small_world_key}; }

    // A session with these members; nothing where it was refused with 400.
    static std::optional<json::value> create(std::string const& members)
    {
        auto const answer = client().post("/api/sessions/", R"({"experiment":")" + std::string(support::small_world_experiment) +
                                                                "\"," + members + "}");
        EXPECT_TRUE(answer.status == 201 || answer.status == 400)
            << answer.status << " " << answer.body << " to " << members.substr(0, 300);
        if (answer.status != 201) return std::nullopt;
        auto const id = std::string(json::parse(answer.body).at("id").as_string());
        return retrieve(id);
    }

    static json::value retrieve(std::string const& id)
    {
        auto const answer = client().get("/api/sessions/" + id + "/");
        EXPECT_EQ(answer.status, 200) << answer.body;
        return json::parse(answer.body);
    }

    template <class Check>
    static void for_each_text(Check check)
    {
        for (auto const& text : naughty_texts())
            for (auto const spelling : {Spelling::escapes, Spelling::utf8})
            {
                SCOPED_TRACE(to_literal(text.substr(0, 40), Spelling::escapes));
                check(text, to_literal(text, spelling));
            }
    }

    static inline std::unique_ptr<support::ParleydProcess> service_;
};

TEST_F(NaughtyText, in_a_participant_is_trimmed_or_refused)
{
    for_each_text(
        [](Text const& text, std::string const& literal)
        {
            auto const session = create("\"participant\":" + literal);
            auto const expected = trimmed(text);
            bool const is_good = !expected.empty() && expected.size() <= 320 && !has_nul(text);
            ASSERT_EQ(session.has_value(), is_good);
            if (!session) return;
            EXPECT_EQ(session->at("participant").at("identifier").as_string(), to_utf8(expected));
        });
}

TEST_F(NaughtyText, in_a_message_is_trimmed_or_refused)
{
    for_each_text(
        [](Text const& text, std::string const& literal)
        {
            auto const session = create(R"("messages":[{"role":"user","content":)" + literal + "}]");
            auto const expected = trimmed(text);
            ASSERT_EQ(session.has_value(), !expected.empty() && !has_nul(text));
            if (!session) return;
            EXPECT_EQ(session->at("messages").at(0).at("content").as_string(), to_utf8(expected));
        });
}

TEST_F(NaughtyText, in_a_state_loses_control_characters_only)
{
    for_each_text(
        [](Text const& text, std::string const& literal)
        {
            auto const session = create(R"("state":{"a":)" + literal + "}");
            ASSERT_TRUE(session.has_value());
            EXPECT_EQ(session->at("state").at("a").as_string(), to_utf8(without_controls(text)));
        });
}

TEST_F(NaughtyText, as_a_key_of_a_state_stays_as_it_is_or_is_refused)
{
    for_each_text(
        [](Text const& text, std::string const& literal)
        {
            auto const session = create(R"("state":{)" + literal + ":1}");
            ASSERT_EQ(session.has_value(), !has_nul(text));
            if (!session) return;
            EXPECT_EQ(session->at("state").as_object().begin()->key(), to_utf8(text));
        });
}

TEST_F(NaughtyText, in_an_updated_state_is_answered_as_it_is_stored)
{
    for_each_text(
        [](Text const& text, std::string const& literal)
        {
            auto const answer = client().call("PATCH", "/api/sessions/known/update_state/", R"({"state":[)" + literal + "]}");
            ASSERT_EQ(answer.status, 200) << answer.body;
            EXPECT_EQ(json::parse(answer.body).at("state").at(0).as_string(), to_utf8(without_controls(text)));
            EXPECT_EQ(json::parse(answer.body).at("state"), retrieve("known").at("state"));
        });
}

TEST_F(NaughtyText, as_a_tag_stays_as_it_is_or_is_refused_and_can_be_found_and_taken_away)
{
    for_each_text(
        [](Text const& text, std::string const& literal)
        {
            bool const is_good = !trimmed(text).empty() && text.size() <= 100 && !has_nul(text);
            auto const added = client().post("/api/sessions/known/tags/", R"({"tags":[)" + literal + "]}");
            ASSERT_EQ(added.status, is_good ? 200 : 400) << added.body;
            if (!is_good) return;
            EXPECT_EQ(json::parse(added.body).at("tags"), json::value({json::string(to_utf8(text))}));
            if (text.find(U',') == Text::npos)
            {
                std::string query;
                for (unsigned char const byte : to_utf8(text))
                {
                    std::array<char, 4> escape{};
                    std::snprintf(escape.data(), escape.size(), "%%%02X", byte);
                    query += escape.data();
                }
                auto const found = client().get("/api/sessions/?tags=" + query);
                ASSERT_EQ(found.status, 200) << found.body;
                EXPECT_EQ(json::parse(found.body).at("count"), 1);
            }
            auto const removed = client().call("DELETE", "/api/sessions/known/tags/", R"({"tags":[)" + literal + "]}");
            ASSERT_EQ(removed.status, 200) << removed.body;
            EXPECT_TRUE(json::parse(removed.body).at("tags").as_array().empty());
        });
}

TEST_F(NaughtyText, in_an_id_or_a_parameter_is_not_found_or_refused)
{
    for (auto const& text : naughty_texts())
    {
        if (text.empty() || text.size() > 1000) continue;
        std::string escaped;
        for (unsigned char const byte : to_utf8(text))
        {
            std::array<char, 4> escape{};
            std::snprintf(escape.data(), escape.size(), "%%%02X", byte);
            escaped += escape.data();
        }
        SCOPED_TRACE(escaped.substr(0, 100));
        EXPECT_EQ(client().get("/api/sessions/" + escaped + "/").status, 404);
        EXPECT_EQ(client().call("PATCH", "/api/sessions/" + escaped + "/update_state/", R"({"state":1})").status, 404);
        EXPECT_EQ(client().post("/api/sessions/" + escaped + "/tags/", R"({"tags":["a"]})").status, 404);
        EXPECT_EQ(client().get("/api/sessions/?cursor=" + escaped).status, 404);
        EXPECT_EQ(client().get("/api/sessions/?experiment=" + escaped).status, 400);
        for (auto const* parameter : {"tags", "versions"})
            EXPECT_EQ(client().get(std::string("/api/sessions/?") + parameter + "=" + escaped).status, has_nul(text) ? 400 : 200);
        for (auto const* parameter : {"ordering", "page_size", "unknown"})
            EXPECT_EQ(client().get(std::string("/api/sessions/?") + parameter + "=" + escaped).status, 200);
    }
}

TEST_F(NaughtyText, with_half_a_surrogate_pair_is_refused_everywhere)
{
    for (auto const* literal : {R"("\ud800")", R"("\udfff")", R"("a\ud800b")", R"("\udc00\ud800")"})
    {
        SCOPED_TRACE(literal);
        EXPECT_FALSE(create("\"participant\":" + std::string(literal)));
        EXPECT_FALSE(create(R"("messages":[{"role":"user","content":)" + std::string(literal) + "}]"));
        EXPECT_FALSE(create(R"("state":{"a":)" + std::string(literal) + "}"));
        EXPECT_FALSE(create(R"("state":{)" + std::string(literal) + ":1}"));
        EXPECT_EQ(client().post("/api/sessions/known/tags/", R"({"tags":[)" + std::string(literal) + "]}").status, 400);
    }
}

TEST_F(NaughtyText, a_number_in_a_state_comes_back_with_its_digits_or_is_refused)
{
    struct Number
    {
        std::string spelling;
        bool is_kept;
    };
    std::vector<Number> const numbers{
        {"0", true},
        {"-0", true},
        {"1.0", true},
        {"1.10", true},
        {"1E+2", true},
        {"1e2", true},
        {"-1.5e-10", true},
        {"12345678901234567890", true},
        {"123456789.123456789123456789", true},
        {std::string(4300, '9'), true},
        {"1e308", true},
        {"1e-400", true},
        {std::string(4301, '9'), false},
        {"1e400", false},
        {"-1e999", false},
        {"1e99999999999999999999", false},
        {"01", false},
        {"+1", false},
        {".5", false},
        {"5.", false},
        {"1e", false},
        {"0x10", false},
        {"NaN", false},
        {"-Infinity", false},
    };
    for (auto const& number : numbers)
    {
        SCOPED_TRACE(number.spelling.substr(0, 60));
        auto const answer = client().call("PATCH", "/api/sessions/known/update_state/", R"({"state":[)" + number.spelling + "]}");
        ASSERT_EQ(answer.status, number.is_kept ? 200 : 400) << answer.body.substr(0, 300);
        if (!number.is_kept) continue;
        EXPECT_EQ(answer.body, R"({"success":true,"state":[)" + number.spelling + "]}");
        EXPECT_NE(client().get("/api/sessions/known/").body.find(R"("state":[)" + number.spelling + "]"), std::string::npos);
    }
}

} // namespace
} // namespace parley::e2e
