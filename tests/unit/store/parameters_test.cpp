#include "connection_string.hpp"
#include "parameters.hpp"
#include "session_rows.hpp"
#include "statements.hpp"

#include <gtest/gtest.h>

#include <string>

namespace parley::store
{
namespace
{

std::string hex(std::string_view bytes)
{
    std::string out;
    char two[3];
    for (unsigned char const byte : bytes)
        out.append(two, static_cast<std::size_t>(std::snprintf(two, sizeof two, "%02x", byte)));
    return out;
}

TEST(ArrayParameter, is_postgresqls_binary_array)
{
    EXPECT_EQ(hex(ArrayParameter(Oid::int8).add(std::int64_t{1}).add(std::int64_t{-1}).take()), "00000001"
                                                                                                "00000000"
                                                                                                "00000014"
                                                                                                "00000002"
                                                                                                "00000001"
                                                                                                "00000008"
                                                                                                "0000000000000001"
                                                                                                "00000008"
                                                                                                "ffffffffffffffff");
    EXPECT_EQ(hex(ArrayParameter(Oid::text).add(std::string("ab")).add_null().take()), "00000001"
                                                                                       "00000001"
                                                                                       "00000019"
                                                                                       "00000002"
                                                                                       "00000001"
                                                                                       "00000002"
                                                                                       "6162"
                                                                                       "ffffffff");
}

TEST(ArrayParameter, counts_time_from_the_year_2000_and_knows_the_ends_of_the_calendar)
{
    auto const element = [](Timestamp when) { return hex(ArrayParameter(Oid::timestamptz).add(when).take()).substr(48); };
    EXPECT_EQ(element(*parse_timestamp("2000-01-01T00:00:00Z")), "0000000000000000");
    EXPECT_EQ(element(*parse_timestamp("2000-01-01T00:00:01Z")), "00000000000f4240");
    EXPECT_EQ(element(Timestamp::max()), "7fffffffffffffff");
    EXPECT_EQ(element(Timestamp::min()), "8000000000000000");
    EXPECT_EQ(element(Timestamp(std::chrono::microseconds(INT64_MIN + 5))), "8000000000000000") << "before PostgreSQL's calendar";
}

TEST(ArrayParameter, a_uuid_is_its_sixteen_bytes)
{
    auto const uuid = *Uuid::parse("0123abcd-0000-4000-8000-0000000000ff");
    EXPECT_EQ(hex(ArrayParameter(Oid::uuid).add(uuid).take()).substr(40), "00000010"
                                                                          "0123abcd0000400080000000000000ff");
}

TEST(ToApiTime, pads_the_fraction_to_six_digits_or_has_none)
{
    EXPECT_EQ(to_api_time("2026-01-01 01:00:00+00"), "2026-01-01T01:00:00Z");
    EXPECT_EQ(to_api_time("2026-01-01 01:00:00.0001+00"), "2026-01-01T01:00:00.000100Z");
    EXPECT_EQ(to_api_time("2026-01-01 01:00:00.123456+00"), "2026-01-01T01:00:00.123456Z");
}

TEST(CompleteList, writes_direction_and_limit_into_the_text)
{
    EXPECT_EQ(complete_list("-- about :limit\nselect a :before b order by a :way limit :limit", {.descending = true, .rows = 26}),
              "select a < b order by a desc limit 26");
    EXPECT_EQ(complete_list("-- x\nselect a :before b order by a :way limit :limit", {.descending = false, .rows = 2}),
              "select a > b order by a asc limit 2");
}

TEST(CompleteList, asks_for_the_team_of_a_page_or_for_one_team)
{
    EXPECT_EQ(complete_list("-- x\nselect a where t = :team", {}), "select a where t = k.team_id");
    EXPECT_EQ(complete_list("-- x\nselect a where t = :team", {.team_parameter = 6}), "select a where t = $6::bigint");
}

TEST(ConnectionString, adds_what_the_url_leaves_open)
{
    auto const url = complete({.database_url = "postgresql://u@h1,h2/db"});
    EXPECT_NE(url.find("?target_session_attrs=read-write&"), std::string::npos) << url;
    auto const own = complete({.database_url = "postgresql://u@h/db?target_session_attrs=any&connect_timeout=9"});
    EXPECT_EQ(own.find("read-write"), std::string::npos);
    EXPECT_EQ(own.find("connect_timeout=3"), std::string::npos);
    EXPECT_NE(complete({.database_url = "host=/run/x dbname=y"}).find(" target_session_attrs=read-write"), std::string::npos);
}

TEST(ConnectionString, never_shows_a_password)
{
    EXPECT_EQ(mask_password("postgresql://u:secret@h/db"), "postgresql://u:***@h/db");
    EXPECT_EQ(mask_password("postgresql://h/db?user=u&password=secret&x=1"), "postgresql://h/db?user=u&password=***&x=1");
    EXPECT_EQ(mask_password("host=h password='se cret' user=u"), "host=h password=*** user=u");
    EXPECT_EQ(mask_password("host=h password=secret"), "host=h password=***");
    EXPECT_EQ(mask_password("postgresql://u@h:5432/db"), "postgresql://u@h:5432/db");
}

} // namespace
} // namespace parley::store
