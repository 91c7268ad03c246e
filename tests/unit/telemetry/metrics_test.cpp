#include "parley/telemetry/telemetry.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace parley::telemetry
{
namespace
{

using namespace std::chrono_literals;

RequestAnswered answered(std::string_view operation, std::string_view method, int status)
{
    return {.operation = operation,
            .method = method,
            .status = status,
            .problem = {},
            .team = {},
            .request_id = "r",
            .trace_id = {},
            .duration = 3ms};
}

Telemetry quiet()
{
    return Telemetry({.log_level = "off", .version = "1.2.3", .revision = "abc"});
}

void observe_everything(Telemetry& telemetry)
{
    telemetry.observe(answered("session_list", "GET", 200));
    telemetry.observe(ConnectionOpened{});
    telemetry.observe(ConnectionClosed{});
    telemetry.observe(ConnectionRefused{"process_limit"});
    telemetry.observe(RequestRefusedAtGate{"head_malformed"});
    telemetry.observe(CredentialResolved{"api_key", "ok", false});
    telemetry.observe(KeyNearExpiry{"api_key"});
    telemetry.observe(KeyExpiryMeasured{Timestamp(std::chrono::seconds(2'000'000'000))});
    telemetry.observe(RateDecided{"api", "admitted"});
    telemetry.observe(RateSharingFailed{});
    telemetry.observe(BatchRun{"session_list", 3, 1ms, 2ms, "ok"});
    telemetry.observe(JobRefused{"session_list", "queue_full"});
    telemetry.observe(QueueMeasured{.jobs = 3, .jobs_max = 4096});
    telemetry.observe(DatabaseUp{0});
    telemetry.observe(DatabaseDown{0, "lost"});
    telemetry.observe(Notice{Notice::Level::info, "hello"});
}

std::set<std::string> exposed_names(std::string const& text)
{
    std::set<std::string> names;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with("# TYPE ")) names.insert(line.substr(7, line.find(' ', 7) - 7));
    return names;
}

bool has(std::string const& text, std::string const& line)
{
    return text.find("\n" + line + "\n") != std::string::npos;
}

TEST(Metrics, the_names_are_those_of_the_stored_list)
{
    auto telemetry = quiet();
    observe_everything(telemetry);
    std::ifstream file(PARLEY_SOURCE_DIR "/tests/unit/telemetry/metric_names.txt");
    std::set<std::string> stored;
    for (std::string line; std::getline(file, line);)
        stored.insert(line);
    EXPECT_EQ(exposed_names(telemetry.expose()), stored) << "a rename breaks dashboards and alerts: change the list with them";
}

TEST(Metrics, a_request_is_counted_by_operation_method_and_status_class)
{
    auto telemetry = quiet();
    telemetry.observe(answered("session_list", "GET", 200));
    telemetry.observe(answered("session_list", "GET", 206));
    telemetry.observe(answered("session_list", "GET", 404));
    telemetry.observe(answered("session_create", "POST", 503));
    auto const text = telemetry.expose();
    EXPECT_TRUE(has(text, R"(parley_http_requests_total{method="GET",operation="session_list",status_class="2xx"} 2)")) << text;
    EXPECT_TRUE(has(text, R"(parley_http_requests_total{method="GET",operation="session_list",status_class="4xx"} 1)"));
    EXPECT_TRUE(has(text, R"(parley_http_requests_total{method="POST",operation="session_create",status_class="5xx"} 1)"));
    EXPECT_TRUE(has(text, R"(parley_http_request_seconds_bucket{operation="session_list",le="0.0025"} 0)"));
    EXPECT_TRUE(has(text, R"(parley_http_request_seconds_bucket{operation="session_list",le="0.005"} 3)"));
}

TEST(Metrics, an_unknown_method_is_other)
{
    auto telemetry = quiet();
    telemetry.observe(answered("none", "BREW", 405));
    telemetry.observe(answered("none", "get", 405));
    auto const text = telemetry.expose();
    EXPECT_TRUE(has(text, R"(parley_http_requests_total{method="other",operation="none",status_class="4xx"} 2)")) << text;
    EXPECT_EQ(text.find("BREW"), std::string::npos);
}

TEST(Metrics, values_without_bound_end_up_under_other)
{
    auto telemetry = quiet();
    for (int i = 0; i < 2000; ++i)
        telemetry.observe(JobRefused{"verb" + std::to_string(i), "queue_full"});
    auto const text = telemetry.expose();
    EXPECT_TRUE(has(text, R"(parley_store_jobs_refused_total{reason="queue_full",verb="verb511"} 1)"));
    EXPECT_EQ(text.find("verb512"), std::string::npos);
    EXPECT_TRUE(has(text, R"(parley_store_jobs_refused_total{reason="other",verb="other"} 1488)"));
}

TEST(Metrics, the_same_text_at_another_address_is_the_same_child)
{
    auto telemetry = quiet();
    std::string const one = "session_end_experiment_session";
    std::string const two = "session_end_experiment_session";
    telemetry.observe(answered(one, "POST", 200));
    telemetry.observe(answered(two, "POST", 200));
    EXPECT_TRUE(
        has(telemetry.expose(),
            R"(parley_http_requests_total{method="POST",operation="session_end_experiment_session",status_class="2xx"} 2)"));
}

TEST(Metrics, counting_from_many_threads_loses_nothing)
{
    auto telemetry = quiet();
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back(
            [&telemetry]
            {
                for (int i = 0; i < 1000; ++i)
                {
                    telemetry.observe(CredentialResolved{"api_key", "outcome" + std::to_string(i % 50), true});
                    telemetry.observe(ConnectionOpened{});
                }
            });
    for (auto& thread : threads)
        thread.join();
    auto const text = telemetry.expose();
    EXPECT_TRUE(has(text, "parley_http_connections_accepted_total 4000"));
    for (int i = 0; i < 50; ++i)
        EXPECT_TRUE(has(text, R"(parley_auth_credentials_total{outcome="outcome)" + std::to_string(i) +
                                  R"(",scheme="api_key",source="cache"} 80)"));
}

TEST(Metrics, open_connections_go_up_and_down)
{
    auto telemetry = quiet();
    telemetry.observe(ConnectionOpened{});
    telemetry.observe(ConnectionOpened{});
    telemetry.observe(ConnectionClosed{});
    auto const text = telemetry.expose();
    EXPECT_TRUE(has(text, "parley_http_connections_open 1"));
    EXPECT_TRUE(has(text, "parley_http_connections_accepted_total 2"));
}

TEST(Metrics, the_database_is_up_while_one_lane_is)
{
    auto telemetry = quiet();
    EXPECT_TRUE(has(telemetry.expose(), "parley_store_database_up 0"));
    telemetry.observe(DatabaseUp{0});
    telemetry.observe(DatabaseUp{1});
    telemetry.observe(DatabaseDown{0, "lost"});
    EXPECT_TRUE(has(telemetry.expose(), "parley_store_database_up 1"));
    EXPECT_TRUE(has(telemetry.expose(), "parley_store_lanes_up 1"));
    telemetry.observe(DatabaseDown{1, "lost"});
    EXPECT_TRUE(has(telemetry.expose(), "parley_store_database_up 0"));
    EXPECT_TRUE(has(telemetry.expose(), "parley_store_database_reconnects_total 0"));
    telemetry.observe(DatabaseUp{1});
    EXPECT_TRUE(has(telemetry.expose(), "parley_store_database_reconnects_total 1"));
    telemetry.observe(LaneEnded{1});
    EXPECT_TRUE(has(telemetry.expose(), "parley_store_database_up 0"));
}

TEST(Metrics, a_batch_is_measured_by_verb)
{
    auto telemetry = quiet();
    telemetry.observe(BatchRun{"session_retrieve", 7, 20ms, 2ms, "ok"});
    auto const text = telemetry.expose();
    EXPECT_TRUE(has(text, R"(parley_store_batches_total{outcome="ok",verb="session_retrieve"} 1)"));
    EXPECT_TRUE(has(text, R"(parley_store_batch_jobs_bucket{verb="session_retrieve",le="4"} 0)"));
    EXPECT_TRUE(has(text, R"(parley_store_batch_jobs_bucket{verb="session_retrieve",le="8"} 1)"));
    EXPECT_TRUE(has(text, R"(parley_store_queue_seconds_bucket{verb="session_retrieve",le="0.01"} 0)"));
    EXPECT_TRUE(has(text, R"(parley_store_statement_seconds_bucket{verb="session_retrieve",le="0.0025"} 1)"));
}

TEST(Metrics, the_next_key_to_end_is_a_moment_and_none_is_zero)
{
    auto telemetry = quiet();
    telemetry.observe(KeyExpiryMeasured{Timestamp(std::chrono::seconds(1'900'000'000))});
    EXPECT_TRUE(has(telemetry.expose(), "parley_auth_key_expiry_timestamp_seconds 1900000000"));
    telemetry.observe(KeyExpiryMeasured{});
    EXPECT_TRUE(has(telemetry.expose(), "parley_auth_key_expiry_timestamp_seconds 0"));
}

TEST(Metrics, the_build_is_named)
{
    EXPECT_TRUE(has(quiet().expose(), R"(parley_build_info{revision="abc",version="1.2.3"} 1)"));
}

} // namespace
} // namespace parley::telemetry
