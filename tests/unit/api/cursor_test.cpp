// The text of a cursor: what comes out goes in again, and nothing else does.
#include "parley/api/cursor.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace parley::api
{
namespace
{

using domain::Cursor;

Cursor a_cursor(std::string id = "0000005e-0000-4000-8000-000000000025", Cursor::Direction direction = Cursor::Direction::forward)
{
    return Cursor{.direction = direction, .created_at = *parse_timestamp("2026-01-02T13:00:00.123456Z"), .id = std::move(id)};
}

TEST(CursorText, what_comes_out_goes_in_again)
{
    std::string const longest(255, 'L');
    std::string emoji;
    for (int i = 0; i < 255; ++i)
        emoji += "😀";
    for (std::string const& id : {std::string("a"), std::string("ab"), std::string("abc"), std::string("with space"),
                                  std::string("sitzung-ü😀"), longest, emoji})
    {
        for (auto const direction : {Cursor::Direction::forward, Cursor::Direction::backward})
        {
            Cursor const cursor = a_cursor(id, direction);
            EXPECT_EQ(decode_cursor(encode_cursor(cursor)), cursor) << id;
        }
    }
}

TEST(CursorText, times_long_ago_and_far_away_are_kept)
{
    for (char const* text : {"0001-01-01T00:00:00Z", "1969-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"})
    {
        Cursor cursor = a_cursor();
        auto const when = parse_timestamp(text);
        ASSERT_TRUE(when) << text;
        cursor.created_at = *when;
        EXPECT_EQ(decode_cursor(encode_cursor(cursor)), cursor) << text;
    }
}

TEST(CursorText, it_needs_no_encoding_in_a_url)
{
    for (char const* id : {"a", "?", "\xC3\xBF\xC3\xBF", "~~~~"})
    {
        std::string const text = encode_cursor(a_cursor(id));
        EXPECT_EQ(text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"), std::string::npos)
            << text;
    }
}

TEST(CursorText, every_changed_cut_or_added_character_is_found)
{
    std::string const text = encode_cursor(a_cursor());
    for (std::size_t i = 0; i < text.size(); ++i)
    {
        EXPECT_EQ(decode_cursor(text.substr(0, i)), std::nullopt) << i;
        for (char const other : {'A', 'B', '9', '_', '-', '=', '+', '/', ' ', '\0', '\xFF'})
        {
            if (text[i] == other) continue;
            std::string changed = text;
            changed[i] = other;
            EXPECT_EQ(decode_cursor(changed), std::nullopt) << i << " " << other;
        }
    }
    for (char const* more : {"A", "=", "==", " ", "\n"})
        EXPECT_EQ(decode_cursor(text + more), std::nullopt) << more;
    EXPECT_EQ(decode_cursor(" " + text), std::nullopt);
}

TEST(CursorText, other_texts_are_no_cursors)
{
    for (std::string const& text :
         {std::string(), std::string("1"), std::string("abc"), std::string("%%%"), std::string("cD0yMDI2"), std::string("cj0x"),
          std::string("bz0xMDAw"), std::string("cD0yMDI2LTAxLTAyKzEyJTNBMDAlM0EwMCUyQjAwJTNBMDA="),
          std::string("1cD0yMDI2LTAxLTAy"), std::string(100'000, '1')})
    {
        EXPECT_EQ(decode_cursor(text), std::nullopt) << text.substr(0, 60);
    }
}

TEST(CursorText, a_place_that_no_session_can_have_is_no_cursor)
{
    // Well-formed in its bytes, as somebody with our source could make it.
    EXPECT_EQ(decode_cursor(encode_cursor(a_cursor(""))), std::nullopt);
    EXPECT_EQ(decode_cursor(encode_cursor(a_cursor(std::string("a\0b", 3)))), std::nullopt);
    EXPECT_EQ(decode_cursor(encode_cursor(a_cursor("\xFF"))), std::nullopt);
    EXPECT_EQ(decode_cursor(encode_cursor(a_cursor(std::string(256, 'x')))), std::nullopt);
    Cursor cursor = a_cursor();
    cursor.created_at = Timestamp(std::chrono::microseconds(INT64_MAX));
    EXPECT_EQ(decode_cursor(encode_cursor(cursor)), std::nullopt);
    cursor = a_cursor();
    cursor.direction = static_cast<Cursor::Direction>(2);
    EXPECT_EQ(decode_cursor(encode_cursor(cursor)), std::nullopt);
}

} // namespace
} // namespace parley::api
