#include "parley/core/json.hpp"

#include <gtest/gtest.h>

using namespace parley;

namespace
{

std::string compact(std::string_view text, json::ControlCharacters controls = json::ControlCharacters::keep)
{
    auto const document = json::Document::parse(text);
    if (!document) return "refused: " + document.error().sentence();
    std::string out;
    json::append_compact(out, document->root(), controls);
    return out;
}

} // namespace

TEST(JsonReader, numbers_come_back_as_they_were_spelled)
{
    auto const text = R"([1.10,1E5,-0.0,12345678901234567890123,1e999,0.1e-7])";
    EXPECT_EQ(compact(text), text);
}

TEST(JsonReader, of_repeated_keys_the_last_value_stands_at_the_first_place)
{
    EXPECT_EQ(compact(R"({"b":1,"a":1,"b":2})"), R"({"b":2,"a":1})");
    std::string many = "{";
    for (int i = 0; i < 40; ++i)
        many += "\"k" + std::to_string(i % 20) + "\":" + std::to_string(i) + ",";
    many.back() = '}';
    auto const document = json::Document::parse(many);
    ASSERT_TRUE(document.has_value());
    EXPECT_EQ(document->root().find("k0")->text(), "20");
    EXPECT_TRUE(compact(many).starts_with(R"({"k0":20,"k1":21,)")) << compact(many);
}

TEST(JsonReader, escapes_are_resolved_and_written_back_in_their_shortest_form)
{
    EXPECT_EQ(compact(R"(["\u0041\n\/\u00e9\ud83d\ude00\u0000\u001f"])"), "[\"A\\n/\xC3\xA9\xF0\x9F\x98\x80\\u0000\\u001f\"]");
}

TEST(JsonReader, control_characters_vanish_from_values_but_not_from_keys)
{
    EXPECT_EQ(compact(R"({"k\u0001":"a\u0000b\tc\nd\u007f"})", json::ControlCharacters::drop),
              "{\"k\\u0001\":\"ab\\tc\\nd\x7F\"}");
}

struct Bad
{
    char const* text;
    char const* sentence;
};

class JsonRefusal : public testing::TestWithParam<Bad>
{
};

TEST_P(JsonRefusal, says_what_and_where)
{
    EXPECT_EQ(compact(GetParam().text), std::string("refused: ") + GetParam().sentence);
}

INSTANTIATE_TEST_SUITE_P(
    texts, JsonRefusal,
    testing::Values(
        Bad{"", "Expecting value: line 1 column 1 (char 0)"},
        Bad{"{", "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"},
        Bad{R"({"a":1,})", "Illegal trailing comma before end of object: line 1 column 7 (char 6)"},
        Bad{"[1,]", "Illegal trailing comma before end of array: line 1 column 3 (char 2)"},
        Bad{R"({"a":01})", "Expecting ',' delimiter: line 1 column 7 (char 6)"},
        Bad{R"({"a":1} x)", "Extra data: line 1 column 9 (char 8)"},
        Bad{R"({"a":"\x"})", "Invalid \\escape: line 1 column 7 (char 6)"},
        Bad{"{\"a\":\n\"\xC3\xA9\tb\"}", "Invalid control character at: line 2 column 3 (char 9)"},
        Bad{"[NaN]", "Expecting value: line 1 column 2 (char 1)"}, Bad{"[Infinity]", "Expecting value: line 1 column 2 (char 1)"},
        Bad{"[-]", "Expecting value: line 1 column 2 (char 1)"}, Bad{"[1.]", "Expecting ',' delimiter: line 1 column 3 (char 2)"},
        Bad{"[+1]", "Expecting value: line 1 column 2 (char 1)"}, Bad{"[\"\xFF\"]", "Invalid UTF-8: line 1 column 3 (char 2)"},
        Bad{"\xEF\xBB\xBF{}", "Unexpected UTF-8 byte order mark: line 1 column 1 (char 0)"},
        Bad{R"(["\u12"])", "Invalid \\uXXXX escape: line 1 column 3 (char 2)"},
        Bad{R"({"a" 1})", "Expecting ':' delimiter: line 1 column 6 (char 5)"},
        Bad{R"(["a)", "Unterminated string starting at: line 1 column 2 (char 1)"},
        Bad{"tru", "Expecting value: line 1 column 1 (char 0)"}));

TEST(JsonReader, nesting_is_bounded_exactly)
{
    auto const nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
    EXPECT_TRUE(json::Document::parse(nested(1000), 1000).has_value());
    EXPECT_FALSE(json::Document::parse(nested(1001), 1000).has_value());
}

TEST(JsonReader, integers_are_exact_up_to_4300_digits)
{
    EXPECT_TRUE(json::Document::parse("-" + std::string(4300, '9')).has_value());
    EXPECT_FALSE(json::Document::parse(std::string(4301, '9')).has_value());
}

TEST(JsonReader, flaws_are_found_anywhere)
{
    auto const flaw_of = [](std::string_view text)
    {
        auto const document = json::Document::parse(text);
        return json::find_flaw(document->root());
    };
    EXPECT_EQ(flaw_of(R"({"a":[1,"\u0000",1e308]})"), json::Flaw::none);
    EXPECT_EQ(flaw_of(R"({"a":[1e309]})"), json::Flaw::infinite_number);
    EXPECT_EQ(flaw_of("[" + std::string(400, '9') + "]"), json::Flaw::none);
    EXPECT_EQ(flaw_of("[" + std::string(400, '9') + ".5]"), json::Flaw::infinite_number);
    EXPECT_EQ(flaw_of("[1e-999]"), json::Flaw::none);
    EXPECT_EQ(flaw_of(R"({"k\u0000":1})"), json::Flaw::nul_in_key);
    EXPECT_EQ(flaw_of(R"({"a":"\ud800"})"), json::Flaw::lone_surrogate);
    EXPECT_EQ(flaw_of(R"({"\udc00":1})"), json::Flaw::lone_surrogate);
}

TEST(JsonReader, what_is_falsy_in_python_is_falsy_here)
{
    for (auto const* text : {"null", "false", "0", "-0", "0.0", "0e7", "-0.00", "\"\"", "[]", "{}"})
    {
        EXPECT_TRUE(json::Document::parse(text)->root().is_falsy()) << text;
    }
    for (auto const* text : {"true", "1", "0.01", "1e-9", "\" \"", "[0]", "{\"a\":0}"})
    {
        EXPECT_FALSE(json::Document::parse(text)->root().is_falsy()) << text;
    }
}

// Strings are looked at several bytes at a time: a byte that must be escaped is found wherever it stands.
TEST(JsonWriter, every_ascii_byte_is_escaped_or_left_at_every_place)
{
    for (std::size_t place = 0; place < 20; ++place)
    {
        for (int byte = 0; byte < 0x80; ++byte)
        {
            std::string text(20, '\x7f');
            text[place] = static_cast<char>(byte);
            auto const literal = json::to_string_literal(text);
            bool const is_special = byte < 0x20 || byte == '"' || byte == '\\';
            EXPECT_EQ(literal.find('\\') != std::string::npos, is_special) << byte << " at " << place;
            auto const read = json::Document::parse(literal);
            ASSERT_TRUE(read.has_value()) << byte << " at " << place;
            EXPECT_EQ(read->root().text(), text) << byte << " at " << place;
        }
    }
}

TEST(JsonWriter, bytes_beyond_ascii_stay_as_they_are)
{
    for (int byte = 0x80; byte < 0x100; ++byte)
        EXPECT_EQ(json::to_string_literal(std::string(9, static_cast<char>(byte))),
                  '"' + std::string(9, static_cast<char>(byte)) + '"');
}

TEST(JsonWriter, a_string_takes_no_more_room_than_promised)
{
    std::string const text(50, '\x01');
    std::string room(json::string_room(text), '\0');
    auto const* const end = json::put_string(room.data(), text);
    EXPECT_EQ(static_cast<std::size_t>(end - room.data()), room.size());
    EXPECT_EQ(room, json::to_string_literal(text));
}
