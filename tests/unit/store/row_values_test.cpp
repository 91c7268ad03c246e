// What the database writes, read.
#include "row_values.hpp"

#include "parley/store/error.hpp"

#include <gtest/gtest.h>

namespace parley::store
{
namespace
{

using namespace std::string_view_literals;

TEST(RowValues, a_moment_keeps_its_microseconds)
{
    EXPECT_EQ(format_timestamp(to_moment("2026-01-01 01:00:00.25+00"sv)), "2026-01-01T01:00:00.250000Z");
    EXPECT_EQ(format_timestamp(to_moment("2026-01-01 01:00:00+00"sv)), "2026-01-01T01:00:00Z");
    EXPECT_EQ(to_moment(std::optional<std::string_view>()), std::nullopt);
}

TEST(RowValues, infinity_is_later_than_any_clock_says)
{
    EXPECT_EQ(format_timestamp(to_moment("infinity"sv)), "9999-12-31T00:00:00Z");
    EXPECT_LT(to_moment("-infinity"sv), to_moment("0001-01-02 00:00:00+00"sv));
}

TEST(RowValues, what_is_no_uuid_is_the_nil_one)
{
    EXPECT_EQ(to_uuid("00000000-0000-4000-8000-0000000000a1").str(), "00000000-0000-4000-8000-0000000000a1");
    EXPECT_EQ(to_uuid(""), Uuid());
}

TEST(RowValues, arrays_come_as_json)
{
    EXPECT_EQ(texts_at(R"(["a","b\"c",""])"), (std::vector<std::string>{"a", "b\"c", ""}));
    EXPECT_EQ(numbers_at("[1, -2]"), (std::vector<std::int64_t>{1, -2}));
    EXPECT_TRUE(texts_at("[]").empty());
    EXPECT_THROW((void)texts_at("{a,b}"), StoreError);
}

TEST(RowValues, a_joined_list_has_no_empty_parts)
{
    EXPECT_EQ(split("a b", ' '), (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(split(" a  b ", ' '), (std::vector<std::string>{"a", "b"}));
    EXPECT_TRUE(split("", ' ').empty());
}

} // namespace
} // namespace parley::store
