#include "parley/telemetry/telemetry.hpp"

#include "parley/core/json.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <unistd.h>

namespace parley::telemetry
{
namespace
{

using namespace std::chrono_literals;

// A log file of its own, gone when the test is over.
class LogTest : public testing::Test
{
  protected:
    LogTest()
    {
        std::string name = (std::filesystem::temp_directory_path() / "parley-log-XXXXXX").string();
        ::close(::mkstemp(name.data()));
        path_ = name;
    }
    ~LogTest() override { std::filesystem::remove(path_); }

    TelemetrySettings settings(std::string level = "info") const { return {.log_level = std::move(level), .log_file = path_}; }

    std::vector<std::string> lines() const
    {
        std::ifstream file(path_);
        std::vector<std::string> all;
        for (std::string line; std::getline(file, line);)
            all.push_back(line);
        return all;
    }

    // What one fact leaves in the log.
    template <class Fact>
    std::vector<std::string> lines_of(Fact const& fact, std::string level = "info")
    {
        Telemetry(settings(std::move(level))).observe(fact);
        return lines();
    }

    std::string path_;
};

std::optional<std::string> member(std::string const& line, std::string_view key)
{
    auto const document = json::Document::parse(line);
    if (!document || !document->root().is_object()) return std::nullopt;
    auto const value = document->root().find(key);
    if (!value) return std::nullopt;
    return std::string(value->text());
}

RequestAnswered a_request()
{
    return {.operation = "session_list",
            .method = "GET",
            .status = 200,
            .problem = {},
            .team = "alpha",
            .request_id = "r-1",
            .trace_id = "0af7651916cd43dd8448eb211c80319c",
            .request_bytes = 17,
            .response_bytes = 1234,
            .duration = 1500us,
            .store_queue = 250us,
            .store_sql = 1100us};
}

TEST_F(LogTest, a_request_is_one_json_object)
{
    auto const all = lines_of(a_request());
    ASSERT_EQ(all.size(), 1U);
    auto const& line = all[0];
    EXPECT_EQ(member(line, "event"), "request");
    EXPECT_EQ(member(line, "level"), "info");
    EXPECT_EQ(member(line, "operation"), "session_list");
    EXPECT_EQ(member(line, "method"), "GET");
    EXPECT_EQ(member(line, "status"), "200");
    EXPECT_EQ(member(line, "team"), "alpha");
    EXPECT_EQ(member(line, "request_id"), "r-1");
    EXPECT_EQ(member(line, "trace_id"), "0af7651916cd43dd8448eb211c80319c");
    EXPECT_EQ(member(line, "duration_ms"), "1.500");
    EXPECT_EQ(member(line, "queue_ms"), "0.250");
    EXPECT_EQ(member(line, "sql_ms"), "1.100");
    EXPECT_EQ(member(line, "request_bytes"), "17");
    EXPECT_EQ(member(line, "bytes"), "1234");
    EXPECT_EQ(member(line, "problem"), std::nullopt);
    ASSERT_TRUE(member(line, "ts"));
    EXPECT_TRUE(parse_timestamp(*member(line, "ts")));
}

TEST_F(LogTest, text_is_escaped)
{
    auto const all = lines_of(Notice{Notice::Level::warning, "a \"quote\"\nand {\\}"});
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(member(all[0], "text"), "a \"quote\"\nand {\\}");
    EXPECT_EQ(member(all[0], "level"), "warning");
}

TEST_F(LogTest, a_request_is_left_out_above_info)
{
    EXPECT_TRUE(lines_of(a_request(), "warning").empty());
}

TEST_F(LogTest, a_refusal_at_the_gate_shows_at_debug)
{
    EXPECT_TRUE(lines_of(RequestRefusedAtGate{"head_malformed"}, "info").empty());
    EXPECT_EQ(lines_of(RequestRefusedAtGate{"head_malformed"}, "debug").size(), 1U);
}

TEST_F(LogTest, a_request_over_a_limit_that_is_not_enforced_is_logged)
{
    EXPECT_TRUE(lines_of(RateDecided{"api", "admitted"}).empty());
    auto const all = lines_of(RateDecided{"api", "over_but_not_enforced"});
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(member(all[0], "scope"), "api");
}

TEST_F(LogTest, a_lane_that_ends_is_no_news)
{
    EXPECT_TRUE(lines_of(LaneEnded{1}).empty());
    EXPECT_EQ(lines_of(LaneEnded{1}, "debug").size(), 1U);
}

TEST_F(LogTest, a_lost_database_is_an_error)
{
    auto const all = lines_of(DatabaseDown{3, "connection lost"});
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(member(all[0], "level"), "error");
    EXPECT_EQ(member(all[0], "lane"), "3");
    EXPECT_EQ(member(all[0], "reason"), "connection lost");
}

TEST_F(LogTest, the_level_changes_while_running)
{
    Telemetry telemetry(settings("error"));
    telemetry.observe(Notice{Notice::Level::info, "unseen"});
    EXPECT_TRUE(telemetry.set_log_level("info"));
    EXPECT_FALSE(telemetry.set_log_level("loud"));
    telemetry.observe(Notice{Notice::Level::info, "seen"});
    telemetry.flush();
    auto const all = lines();
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(member(all[0], "text"), "seen");
}

TEST_F(LogTest, nothing_is_written_at_off)
{
    EXPECT_TRUE(lines_of(Notice{Notice::Level::error, "x"}, "off").empty());
}

TEST_F(LogTest, every_line_is_whole_when_many_are_written)
{
    {
        Telemetry telemetry(settings());
        for (int i = 0; i < 5000; ++i)
            telemetry.observe(a_request());
    }
    auto const all = lines();
    EXPECT_EQ(all.size(), 5000U);
    for (auto const& line : all)
        ASSERT_EQ(member(line, "event"), "request") << line;
}

TEST_F(LogTest, a_full_queue_drops_the_oldest_and_counts_it)
{
    auto small = settings();
    small.log_queue_lines_max = 16;
    std::string exposed;
    {
        Telemetry telemetry(small);
        for (int i = 0; i < 20'000; ++i)
            telemetry.observe(Notice{Notice::Level::info, std::to_string(i)});
        exposed = telemetry.expose();
    }
    auto const all = lines();
    auto const name = std::string("\nparley_telemetry_log_lines_dropped_total ");
    auto const dropped = std::stod(exposed.substr(exposed.find(name) + name.size()));
    EXPECT_EQ(static_cast<double>(all.size()) + dropped, 20'000);
    EXPECT_EQ(member(all.back(), "text"), "19999") << "the newest line is never the one that is dropped";
}

TEST_F(LogTest, an_unknown_level_is_refused)
{
    EXPECT_THROW((Telemetry(settings("loud"))), std::runtime_error);
}

TEST_F(LogTest, a_file_that_cannot_be_opened_is_refused)
{
    auto bad = settings();
    bad.log_file = path_ + "/not/a/folder";
    EXPECT_THROW((Telemetry(bad)), std::runtime_error);
}

} // namespace
} // namespace parley::telemetry
