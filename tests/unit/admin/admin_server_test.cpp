#include "parley/admin/admin_server.hpp"

#include "parley/core/json.hpp"
#include "parley/support/run_coro.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace parley::admin
{

namespace
{

class AdminServerTest : public testing::Test
{
  protected:
    class Body final : public http::BodySource
    {
      public:
        explicit Body(std::string_view text) : text_(text) {}
        boost::asio::awaitable<Result<std::string_view>> read() override
        {
            if (text_.size() > limit_) co_return Problem{ProblemCode::body_too_large};
            co_return text_;
        }
        void lower_limit(std::size_t bytes_max) noexcept override { limit_ = bytes_max; }

      private:
        std::string_view text_;
        std::size_t limit_ = 1024;
    };

    http::Response ask(std::string_view path, std::string_view method = "GET", std::string_view body = {})
    {
        Health const health{
            .is_alive = [this] { return is_alive; },
            .why_not_ready = [this]() -> std::optional<std::string>
            {
                if (check_throws) throw std::runtime_error("no answer");
                return why_not_ready;
            },
            .has_started = [this] { return has_started; },
        };
        AdminServer server(telemetry_, health, Build{.version = "1.2.3", .revision = "abc\"def", .type = "Debug"});
        http::Request request;
        request.method_name = method;
        request.method = http::method_from(method);
        request.path = path;
        Body source(body);
        request.body = &source;
        return support::run_coro(server.answer(request));
    }

    bool is_alive = true;
    bool has_started = true;
    bool check_throws = false;
    std::optional<std::string> why_not_ready;

    telemetry::Telemetry telemetry_{telemetry::TelemetrySettings{.log_level = "off", .log_file = {}}};
};

TEST_F(AdminServerTest, all_is_well)
{
    for (auto const* const path : {"/livez", "/readyz", "/startupz"})
    {
        auto const response = ask(path);
        EXPECT_EQ(response.status, 200) << path;
        EXPECT_EQ(response.body, "ok\n") << path;
        EXPECT_EQ(response.content_type, "text/plain; charset=utf-8") << path;
    }
}

TEST_F(AdminServerTest, a_stuck_thread_is_not_alive_but_may_be_ready)
{
    is_alive = false;
    EXPECT_EQ(ask("/livez").status, 503);
    EXPECT_EQ(ask("/livez").body, "a thread makes no progress\n");
    EXPECT_EQ(ask("/readyz").status, 200);
}

TEST_F(AdminServerTest, says_in_one_line_why_no_traffic_should_come)
{
    why_not_ready = "the database\nis away";
    EXPECT_EQ(ask("/readyz").status, 503);
    EXPECT_EQ(ask("/readyz").body, "the database is away\n");
    EXPECT_EQ(ask("/livez").status, 200);
}

TEST_F(AdminServerTest, says_that_it_is_starting)
{
    has_started = false;
    EXPECT_EQ(ask("/startupz").status, 503);
    EXPECT_EQ(ask("/startupz").body, "starting\n");
}

TEST_F(AdminServerTest, a_check_that_throws_is_a_no)
{
    check_throws = true;
    EXPECT_EQ(ask("/readyz").status, 503);
    EXPECT_EQ(ask("/readyz").body, "the check failed: no answer\n");
}

TEST_F(AdminServerTest, exposes_metrics_in_the_text_format)
{
    auto const response = ask("/metrics");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.content_type, "text/plain; version=0.0.4; charset=utf-8");
    EXPECT_NE(response.body.find("# TYPE "), std::string::npos);
}

TEST_F(AdminServerTest, tells_what_was_built)
{
    auto const response = ask("/buildinfo");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.content_type, "application/json");
    auto const document = json::Document::parse(response.body);
    ASSERT_TRUE(document.has_value()) << response.body;
    EXPECT_EQ(document->root().find("version")->text(), "1.2.3");
    EXPECT_EQ(document->root().find("revision")->text(), "abc\"def");
    EXPECT_EQ(document->root().find("build_type")->text(), "Debug");
    EXPECT_FALSE(document->root().find("compiler")->text().empty());
}

TEST_F(AdminServerTest, knows_no_other_path_and_no_other_method)
{
    EXPECT_EQ(ask("/").status, 404);
    EXPECT_EQ(ask("/livez/").status, 404);
    EXPECT_EQ(ask("/livez", "HEAD").status, 200);
    auto const response = ask("/livez", "POST");
    EXPECT_EQ(response.status, 405);
    EXPECT_EQ(response.fields, "Allow: GET, HEAD\r\n");
}

TEST_F(AdminServerTest, the_log_level_is_shown_and_changed)
{
    EXPECT_EQ(ask("/log-level").body, "off\n");
    auto const changed = ask("/log-level", "PUT", "debug\n");
    EXPECT_EQ(changed.status, 200);
    EXPECT_EQ(changed.body, "debug\n");
    EXPECT_EQ(telemetry_.log_level(), "debug");
    EXPECT_EQ(ask("/log-level").body, "debug\n");
    for (auto const* const word : {"trace", "info", "warning", "error", "off"})
    {
        EXPECT_EQ(ask("/log-level", "PUT", word).status, 200) << word;
        EXPECT_EQ(telemetry_.log_level(), word);
    }
}

TEST_F(AdminServerTest, what_is_no_log_level_changes_nothing)
{
    telemetry_.set_log_level("error");
    for (auto const* const word : {"loud", "", "DEBUG", "{\"level\":\"debug\"}"})
    {
        auto const response = ask("/log-level", "PUT", word);
        EXPECT_EQ(response.status, 400) << word;
        EXPECT_EQ(response.body, "the body must be one of trace, debug, info, warning, error, off\n");
    }
    EXPECT_EQ(ask("/log-level", "PUT", std::string(65, 'a')).status, 413);
    auto const response = ask("/log-level", "POST", "debug");
    EXPECT_EQ(response.status, 405);
    EXPECT_EQ(response.fields, "Allow: GET, HEAD, PUT\r\n");
    EXPECT_EQ(ask("/livez", "PUT", "debug").status, 405);
    EXPECT_EQ(telemetry_.log_level(), "error");
}

} // namespace

} // namespace parley::admin
