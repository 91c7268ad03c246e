#include "parley/core/clock.hpp"
#include "parley/core/text.hpp"

#include <gtest/gtest.h>

using namespace parley;

TEST(Utf8, well_formed_text_passes)
{
    EXPECT_FALSE(find_invalid_utf8("plain ascii that is longer than eight bytes").has_value());
    EXPECT_FALSE(find_invalid_utf8("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80 and \xF4\x8F\xBF\xBF").has_value());
}

TEST(Utf8, the_first_bad_byte_is_named)
{
    EXPECT_EQ(find_invalid_utf8("12345678\xFF"), 8U);
    EXPECT_EQ(find_invalid_utf8("a\xC0\x80"), 1U);        // Overlong.
    EXPECT_EQ(find_invalid_utf8("a\xE0\x80\x80"), 1U);    // Overlong.
    EXPECT_EQ(find_invalid_utf8("\xED\xA0\x80"), 0U);     // A surrogate.
    EXPECT_EQ(find_invalid_utf8("\xF4\x90\x80\x80"), 0U); // Beyond U+10FFFF.
    EXPECT_EQ(find_invalid_utf8("ok\xE2\x82"), 2U);       // Cut short.
}

TEST(Trim, takes_unicode_white_space_and_the_separators_away)
{
    EXPECT_EQ(trim(" \t\x1C\x1F\xC2\xA0\xE2\x80\xA8 a b\xE3\x80\x80\n"), "a b");
    EXPECT_TRUE(is_blank("\xE2\x80\x83\xC2\x85"));
    EXPECT_FALSE(is_blank("\xE2\x80\x8B")); // Zero width space is no white space.
}

TEST(PercentCoding, decodes_and_encodes)
{
    EXPECT_EQ(percent_decode("a%20b+c%2", true), "a b c%2");
    EXPECT_EQ(percent_decode("a+%zz", false), "a+%zz");
    std::string out;
    append_percent_encoded(out, "a b/\xC3\xA9~;", ";");
    EXPECT_EQ(out, "a%20b%2F%C3%A9~;");
}

TEST(Timestamps, are_written_with_six_decimals_or_none)
{
    auto const whole = parse_timestamp("2026-01-01T01:00:00Z");
    ASSERT_TRUE(whole.has_value());
    EXPECT_EQ(format_timestamp(*whole), "2026-01-01T01:00:00Z");
    EXPECT_EQ(format_timestamp(*whole + std::chrono::microseconds{100}), "2026-01-01T01:00:00.000100Z");
    EXPECT_EQ(parse_timestamp("2026-01-01T03:30:00.5+02:30"), *whole + std::chrono::milliseconds{500});
}

TEST(Timestamps, every_digit_has_its_place)
{
    for (auto const* text : {"2026-01-01T01:00:00.000001Z", "2026-12-31T23:59:59.999999Z", "0001-02-03T04:05:06.070809Z",
                             "1999-10-11T12:13:14.151617Z", "2024-02-29T20:30:40.500000Z", "1969-12-31T23:59:59.999999Z"})
        EXPECT_EQ(format_timestamp(*parse_timestamp(text)), text);
}

TEST(Timestamps, refuse_what_is_no_moment)
{
    for (auto const* text :
         {"", "2026", "2026-02-30T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:00:00", "2026-01-01T00:00:00.Z",
          "2026-01-01T00:00:00.1234567Z", "2026-01-01T00:00:00Zx", "2026-01-01T00:00:00+25:00",
          // Moments that four digits of a year cannot write.
          "0000-12-31T23:59:59Z", "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01"})
    {
        EXPECT_FALSE(parse_timestamp(text).has_value()) << text;
    }
}
