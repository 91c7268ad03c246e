// Goal: what an operator sees is what clients did, and a quiet night shows no errors.
// Method: the real parleyd, its metrics at the admin port, and its log, which is on its standard error.
#include "parley/core/json.hpp"
#include "parley/support/api_client.hpp"
#include "parley/support/postgres_server.hpp"
#include "parley/support/test_world.hpp"
#include "parley/support/world_service.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace parley::e2e
{
namespace
{

class Watching : public testing::Test
{
  protected:
    std::unique_ptr<support::ParleydProcess> service_ = support::start_with_small_world(support::small_world({}));

    [[nodiscard]] support::ApiClient client() const { return {*service_, support::small_world_key}; }

    [[nodiscard]] double metric(std::string_view name) const
    {
        std::string const text = service_->exchange_with_admin("/metrics").body;
        auto const at = text.find("\n" + std::string(name) + " ");
        return at == std::string::npos ? -1 : std::stod(text.substr(at + name.size() + 2));
    }

    // The lines of the log with this event.
    [[nodiscard]] std::vector<std::string> logged(std::string_view event) const
    {
        std::vector<std::string> lines;
        std::istringstream output(service_->process().output());
        for (std::string line; std::getline(output, line);)
            if (line.find("\"event\":\"" + std::string(event) + "\"") != std::string::npos) lines.push_back(line);
        return lines;
    }
};

TEST_F(Watching, only_the_connections_of_clients_are_counted)
{
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(service_->exchange_with_admin("/readyz").status, 200);
    double const before = metric("parley_http_connections_accepted_total");
    EXPECT_EQ(metric("parley_http_connections_open"), 0);
    EXPECT_EQ(client().get("/api/sessions/").status, 200);
    EXPECT_EQ(metric("parley_http_connections_accepted_total"), before + 1);
    support::RawHttpClient held = service_->connect();
    EXPECT_EQ(held.exchange(client().request("GET", "/api/sessions/")).status, 200);
    EXPECT_EQ(metric("parley_http_connections_open"), 1);
}

TEST_F(Watching, clients_see_metrics_only_where_they_were_told_to)
{
    EXPECT_EQ(service_->exchange({.target = "/metrics"}).status, 404);
    auto const told = support::start_with_small_world(support::small_world({}), {"--metrics-on-api", "true"});
    auto const answer = told->exchange({.target = "/metrics"});
    EXPECT_EQ(answer.status, 200);
    EXPECT_NE(answer.body.find("parley_store_lanes_up"), std::string::npos);
    EXPECT_EQ(told->exchange({.target = "/livez"}).status, 404);
    EXPECT_EQ(told->stop(), 0);
}

TEST_F(Watching, a_request_says_what_of_its_time_went_to_the_store)
{
    EXPECT_EQ(client().get("/api/sessions/").status, 200);
    EXPECT_EQ(client().get("/api/schema/").status, 200);
    EXPECT_EQ(service_->stop(), 0); // The log is written out.
    int asked = 0;
    for (std::string const& line : logged("request"))
    {
        auto const document = json::Document::parse(line);
        ASSERT_TRUE(document) << line;
        auto const number = [&](std::string_view key)
        {
            auto const found = document->root().find(key);
            return found ? std::stod(std::string(found->text())) : -1;
        };
        EXPECT_GE(number("queue_ms"), 0) << line;
        EXPECT_LE(number("queue_ms") + number("sql_ms"), number("duration_ms")) << line;
        bool const asks = document->root().find("operation")->text() == "session_list";
        asked += asks;
        EXPECT_EQ(number("sql_ms") > 0, asks) << line;
    }
    EXPECT_EQ(asked, 1);
}

TEST_F(Watching, the_log_level_is_changed_while_the_service_runs)
{
    auto const put = [&](std::string const& word)
    {
        support::RawHttpClient admin("127.0.0.1", service_->admin_port());
        return admin.exchange({.method = "PUT", .target = "/log-level", .body = word});
    };
    EXPECT_EQ(service_->exchange_with_admin("/log-level").body, "info\n");
    EXPECT_EQ(put("error").status, 200);
    EXPECT_EQ(client().get("/api/sessions/?page_size=1").status, 200); // Of this there is no line.
    EXPECT_EQ(put("info").status, 200);
    EXPECT_EQ(client().get("/api/schema/").status, 200);
    EXPECT_EQ(put("loud").status, 400);
    EXPECT_EQ(service_->exchange({.method = "PUT", .target = "/log-level", .body = "off"}).status, 404)
        << "callers change nothing";
    EXPECT_EQ(service_->stop(), 0); // The log is written out.
    auto const lines = logged("request");
    EXPECT_EQ(lines.size(), 2U);
    EXPECT_EQ(logged("notice").front().find("session_list"), std::string::npos);
    EXPECT_NE(service_->process().output().find("the log level was error, and is info"), std::string::npos);
}

TEST_F(Watching, the_end_of_the_next_key_is_measured)
{
    // Of the world's keys that open something, none has an end.
    for (int tries = 0; tries < 500 && metric("parley_auth_key_expiry_timestamp_seconds") != 0; ++tries)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    EXPECT_EQ(metric("parley_auth_key_expiry_timestamp_seconds"), 0);
}

TEST_F(Watching, a_normal_stop_logs_no_error)
{
    EXPECT_EQ(client().get("/api/sessions/").status, 200);
    EXPECT_EQ(service_->stop(), 0);
    std::string const output = service_->process().output();
    EXPECT_NE(output.find("\"text\":\"stopped\""), std::string::npos) << output;
    EXPECT_EQ(output.find("\"level\":\"error\""), std::string::npos) << output;
    EXPECT_EQ(output.find("\"level\":\"warning\""), std::string::npos) << output;
}

} // namespace
} // namespace parley::e2e
