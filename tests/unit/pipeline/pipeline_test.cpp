// The road, tried with small resources of the test's own: what is asked in which order, and what each answer carries.
#include "unit/auth/map_credential_store.hpp"

#include "parley/pipeline/pipeline.hpp"
#include "parley/support/postgres_server.hpp"
#include "parley/support/run_coro.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace parley::pipeline
{
namespace
{

using namespace std::chrono_literals;
namespace asio = boost::asio;
using http::Request;
using http::Response;

// What the last handler saw.
struct Seen
{
    int calls = 0;
    std::string operation;
    std::string parameter;
    std::string base_url;
    std::string team;
    std::string client;
    std::optional<Deadline> deadline;
    std::string body;
    bool deadline_moved_twice = false;
};

// A body that takes its time.
class SlowBody final : public http::BodySource
{
  public:
    asio::awaitable<Result<std::string_view>> read() override
    {
        if (arrived == std::chrono::steady_clock::time_point{}) arrived = std::chrono::steady_clock::now();
        co_return std::string_view("sent");
    }
    std::chrono::steady_clock::time_point arrived;
};

asio::awaitable<Result<Response>> note(Seen& seen, std::string_view operation, routing::Call const& call)
{
    ++seen.calls;
    seen.operation = operation;
    seen.parameter = call.parameter;
    seen.base_url = call.base_url;
    seen.team = call.principal.team.slug;
    seen.client = call.client.to_string();
    seen.deadline = call.deadline;
    if (call.parameter == "read")
    {
        auto const first = co_await call.request.body->read();
        auto const after_first = call.deadline.when();
        auto const second = co_await call.request.body->read();
        seen.body = first && second && *first == *second ? std::string(*first) : "unequal";
        seen.deadline_moved_twice = call.deadline.when() != after_first;
        seen.deadline = call.deadline;
    }
    if (call.parameter == "store")
    {
        call.deadline.note_time_in_store({.verb = "session_retrieve", .asked = {}, .queue = 1500us, .sql = 20ms});
        (void)co_await call.request.body->read();
        call.deadline.note_time_in_store(
            {.verb = "session_retrieve", .asked = {}, .queue = 500us, .sql = 3ms}); // The deadline has moved meanwhile.
    }
    if (operation.starts_with("chat")) call.fields->append("X-Note: from the handler\r\n");
    if (call.parameter == "throw") throw std::runtime_error("the handler broke");
    if (call.parameter == "odd") throw 42;
    if (call.parameter == "memory") throw std::bad_alloc();
    if (call.parameter == "unknown") co_return Problem{.code = ProblemCode::session_unknown};
    if (call.parameter == "away") co_return Problem{.code = ProblemCode::store_unavailable};
    Response response;
    response.body = "{}";
    co_return response;
}

routing::OperationHandler noting(Seen& seen, std::string_view operation)
{
    return [&seen, operation](routing::Call const& call) { return note(seen, operation, call); };
}

std::vector<routing::Resource> resources(Seen& seen)
{
    using http::Method;
    routing::Resource list{.path = "/api/sessions/", .allow = "GET, POST, HEAD, OPTIONS"};
    list.operations.push_back({"session_list", Method::get, noting(seen, "session_list")});
    list.operations.push_back({"session_create", Method::post, noting(seen, "session_create")});
    list.operations.push_back({"session_list_options", Method::options, noting(seen, "session_list_options")});
    routing::Resource item{.path = "/api/sessions/{id}/", .allow = "GET, HEAD, OPTIONS"};
    item.operations.push_back({"session_retrieve", Method::get, noting(seen, "session_retrieve")});
    routing::Resource docs{.path = "/api/docs/", .allow = "GET, HEAD", .access = routing::Access::open, .produces = "*"};
    docs.operations.push_back({"docs", Method::get, noting(seen, "docs")});
    routing::Resource token{.path = "/o/token/", .allow = "POST", .access = routing::Access::open, .produces = "*"};
    token.operations.push_back({"token", Method::post, noting(seen, "token")});
    token.counting = routing::Counting::credentials;
    routing::Resource chat{.path = "/api/chat/{id}/poll/", .allow = "GET, OPTIONS", .access = routing::Access::open};
    chat.operations.push_back({"chat_poll", Method::get, noting(seen, "chat_poll")});
    chat.counting = routing::Counting::none;
    chat.fields = "Access-Control-Allow-Origin: *\r\n";
    std::vector<routing::Resource> all;
    all.push_back(std::move(chat));
    all.push_back(std::move(list));
    all.push_back(std::move(item));
    all.push_back(std::move(docs));
    all.push_back(std::move(token));
    return all;
}

auth::CredentialRecord record_of(auth::Permission permissions)
{
    auth::CredentialRecord record;
    record.principal.team = {.id = 7, .slug = "alpha", .name = "Alpha", .api_rate_limit = {}};
    record.principal.user_email = "a@example.org";
    record.principal.permissions = permissions;
    return record;
}

std::optional<std::string> field(Response const& response, std::string_view name)
{
    auto const at = ("\r\n" + response.fields).find("\r\n" + std::string(name) + ": ");
    if (at == std::string::npos) return std::nullopt;
    auto const value = at + name.size() + 2;
    return response.fields.substr(value, response.fields.find("\r\n", value) - value);
}

class PipelineTest : public testing::Test
{
  protected:
    PipelineTest()
    {
        using auth::Permission;
        store_.add_key("editor", record_of(Permission::view | Permission::add | Permission::change | Permission::delete_));
        store_.add_key("viewer", record_of(Permission::view));
        auto inactive = record_of(Permission::view);
        inactive.user_is_active = false;
        store_.add_token("inactive-token", inactive);
        build({});
    }

    void build(PipelineSettings settings, bool enforce = true, std::function<bool()> is_overloaded = {})
    {
        limiter_ = std::make_unique<rate_limit::Limiter>(
            clock_, telemetry_, rate_limit::LimiterSettings{.api = {4, 20s}, .credentials = {3, 20s}, .enforce = enforce});
        pipeline_ = std::make_unique<Pipeline>(routes_, authenticator_, *limiter_, telemetry_, std::move(settings),
                                               std::move(is_overloaded));
    }

    // A request by its method, target and fields; "Host: example.org" unless given.
    Response ask(std::string_view method, std::string_view target, std::vector<http::Field> fields = {{"X-api-key", "editor"}},
                 std::string_view host = "example.org")
    {
        Request request;
        request.method = http::method_from(method);
        request.method_name = method;
        auto const question = target.find('?');
        request.path = target.substr(0, question);
        if (question != std::string_view::npos) request.query = target.substr(question + 1);
        request.host = host;
        request.fields = fields;
        request.peer = asio::ip::make_address("192.0.2.1");
        request.received = std::chrono::steady_clock::now();
        return support::run_coro(pipeline_->answer(request));
    }

    std::int64_t metric(std::string const& line)
    {
        auto const text = telemetry_.expose();
        auto const at = text.find("\n" + line + " ");
        return at == std::string::npos ? 0 : std::stoll(text.substr(at + line.size() + 2));
    }

    ManualClock clock_{Timestamp(std::chrono::seconds(1'700'000'000 - 1'700'000'000 % 20 + 5))};
    telemetry::Telemetry telemetry_{{.log_level = "off"}};
    auth::MapCredentialStore store_;
    auth::Authenticator authenticator_{store_, clock_, telemetry_, {}};
    Seen seen_;
    routing::RouteTable routes_{resources(seen_)};
    std::unique_ptr<rate_limit::Limiter> limiter_;
    std::unique_ptr<Pipeline> pipeline_;
};

TEST_F(PipelineTest, an_identified_request_reaches_its_operation)
{
    auto const response = ask("GET", "/api/sessions/abc/");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(seen_.operation, "session_retrieve");
    EXPECT_EQ(seen_.parameter, "abc");
    EXPECT_EQ(seen_.team, "alpha");
    EXPECT_EQ(field(response, "Allow"), "GET, HEAD, OPTIONS");
    EXPECT_EQ(field(response, "X-RateLimit-Limit"), "4");
    EXPECT_EQ(field(response, "X-RateLimit-Remaining"), "3");
    EXPECT_EQ(field(response, "X-RateLimit-Reset"), "15");
}

TEST_F(PipelineTest, head_is_answered_by_get)
{
    EXPECT_EQ(ask("HEAD", "/api/sessions/").status, 200);
    EXPECT_EQ(seen_.operation, "session_list");
}

TEST_F(PipelineTest, an_unknown_path_is_404_before_who_asks)
{
    auto const response = ask("GET", "/api/nope/", {});
    EXPECT_EQ(response.status, 404);
    EXPECT_EQ(response.body, R"({"detail":"Not found."})");
    EXPECT_FALSE(field(response, "Allow"));
    EXPECT_FALSE(field(response, "WWW-Authenticate"));
}

TEST_F(PipelineTest, a_missing_slash_is_added_before_who_asks)
{
    auto const response = ask("POST", "/api/sessions?a=b", {});
    EXPECT_EQ(response.status, 301);
    EXPECT_EQ(field(response, "Location"), "/api/sessions/?a=b");
    EXPECT_FALSE(field(response, "Allow"));
}

TEST_F(PipelineTest, accept_is_asked_before_who_asks)
{
    auto const response = ask("GET", "/api/sessions/", {{"Accept", "text/html"}});
    EXPECT_EQ(response.status, 406);
    EXPECT_EQ(field(response, "Allow"), "GET, POST, HEAD, OPTIONS");
    EXPECT_EQ(ask("GET", "/api/sessions/?format=xml", {}).status, 404);
}

TEST_F(PipelineTest, without_credentials_it_is_401_and_uncounted)
{
    for (int i = 0; i < 6; ++i)
    {
        auto const response = ask("GET", "/api/sessions/", {});
        EXPECT_EQ(response.status, 401);
        EXPECT_EQ(response.body, R"({"detail":"Authentication credentials were not provided."})");
        EXPECT_EQ(field(response, "WWW-Authenticate"), R"(Bearer realm="api")");
        EXPECT_EQ(field(response, "Allow"), "GET, POST, HEAD, OPTIONS");
        EXPECT_FALSE(field(response, "X-RateLimit-Limit"));
    }
}

TEST_F(PipelineTest, too_many_bad_keys_are_429_while_a_good_one_works)
{
    for (auto const* remaining : {"2", "1", "0"})
    {
        auto const response = ask("GET", "/api/sessions/", {{"X-api-key", "nope"}});
        EXPECT_EQ(response.status, 401);
        EXPECT_EQ(response.body, R"({"detail":"Invalid token."})");
        EXPECT_EQ(field(response, "X-RateLimit-Limit"), "3");
        EXPECT_EQ(field(response, "X-RateLimit-Remaining"), remaining);
    }
    auto const refused = ask("GET", "/api/sessions/", {{"X-api-key", "nope"}});
    EXPECT_EQ(refused.status, 429);
    EXPECT_EQ(refused.body, R"({"detail":"Rate limit exceeded.","available_in":15})");
    EXPECT_EQ(field(refused, "Retry-After"), "15");
    EXPECT_EQ(field(refused, "X-RateLimit-Remaining"), "0");
    EXPECT_EQ(field(refused, "Allow"), "GET, POST, HEAD, OPTIONS");
    EXPECT_FALSE(field(refused, "WWW-Authenticate"));

    EXPECT_EQ(ask("GET", "/api/sessions/").status, 200);
    EXPECT_EQ(ask("GET", "/api/sessions/", {}).status, 401);
}

TEST_F(PipelineTest, without_enforcement_bad_keys_stay_401)
{
    build({}, false);
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(ask("GET", "/api/sessions/", {{"X-api-key", "nope"}}).status, 401);
    EXPECT_EQ(field(ask("GET", "/api/sessions/", {{"X-api-key", "nope"}}), "X-RateLimit-Remaining"), "0");
}

TEST_F(PipelineTest, who_may_not_gets_403_uncounted)
{
    for (int i = 0; i < 6; ++i)
    {
        auto const response = ask("POST", "/api/sessions/", {{"X-api-key", "viewer"}});
        EXPECT_EQ(response.status, 403);
        EXPECT_EQ(field(response, "Allow"), "GET, POST, HEAD, OPTIONS");
        EXPECT_FALSE(field(response, "X-RateLimit-Limit"));
        EXPECT_FALSE(field(response, "WWW-Authenticate"));
    }
    EXPECT_EQ(ask("GET", "/api/sessions/", {{"Authorization", "Bearer inactive-token"}}).status, 403);
    EXPECT_EQ(seen_.calls, 0);
}

TEST_F(PipelineTest, a_full_window_is_429)
{
    for (int i = 0; i < 4; ++i)
        EXPECT_EQ(ask("GET", "/api/sessions/").status, 200);
    auto const refused = ask("GET", "/api/sessions/");
    EXPECT_EQ(refused.status, 429);
    EXPECT_EQ(field(refused, "Retry-After"), "15");
    EXPECT_EQ(field(refused, "X-RateLimit-Limit"), "4");
    EXPECT_EQ(field(refused, "X-RateLimit-Remaining"), "0");
    EXPECT_EQ(seen_.calls, 4);
    clock_.advance(15s);
    EXPECT_EQ(ask("GET", "/api/sessions/").status, 200);
}

TEST_F(PipelineTest, under_overload_a_team_is_told_to_come_back_before_any_work_is_done)
{
    bool is_overloaded = true;
    build({}, true, [&] { return is_overloaded; });
    auto const refused = ask("POST", "/api/sessions/");
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(field(refused, "Retry-After"), "1");
    EXPECT_EQ(seen_.calls, 0);
    EXPECT_EQ(ask("GET", "/api/docs/", {}).status, 200) << "what needs no database is served";
    EXPECT_EQ(ask("GET", "/api/sessions/", {}).status, 401);
    is_overloaded = false;
    EXPECT_EQ(ask("POST", "/api/sessions/").status, 200);
}

TEST_F(PipelineTest, under_overload_a_full_window_is_still_429)
{
    build({}, true, [] { return true; });
    for (int i = 0; i < 4; ++i)
        EXPECT_EQ(ask("GET", "/api/sessions/").status, 503);
    EXPECT_EQ(ask("GET", "/api/sessions/").status, 429);
}

TEST_F(PipelineTest, a_wrong_method_is_last)
{
    EXPECT_EQ(ask("PUT", "/api/sessions/", {}).status, 401);
    EXPECT_EQ(ask("PUT", "/api/sessions/", {{"X-api-key", "viewer"}}).status, 403);
    auto const response = ask("PUT", "/api/sessions/");
    EXPECT_EQ(response.status, 405);
    EXPECT_EQ(response.body, R"({"detail":"Method \"PUT\" not allowed."})");
    EXPECT_EQ(field(response, "Allow"), "GET, POST, HEAD, OPTIONS");
    EXPECT_EQ(field(response, "X-RateLimit-Remaining"), "3");
    EXPECT_EQ(ask("TRACE", "/api/sessions/").body, R"({"detail":"Method \"TRACE\" not allowed."})");
    EXPECT_EQ(ask("FOO", "/api/sessions/").body, R"({"detail":"Method \"FOO\" not allowed."})");
}

TEST_F(PipelineTest, a_problem_of_the_handler_is_answered_with_its_fields)
{
    auto const response = ask("GET", "/api/sessions/unknown/");
    EXPECT_EQ(response.status, 404);
    EXPECT_EQ(response.body, R"({"detail":"No ExperimentSession matches the given query."})");
    EXPECT_EQ(field(response, "Allow"), "GET, HEAD, OPTIONS");
    EXPECT_EQ(field(response, "X-RateLimit-Remaining"), "3");
}

TEST_F(PipelineTest, a_problem_of_the_store_while_identifying_is_answered)
{
    store_.problem = Problem{.code = ProblemCode::store_unavailable, .retry_after = 7};
    auto const response = ask("GET", "/api/sessions/");
    EXPECT_EQ(response.status, 503);
    EXPECT_EQ(field(response, "Retry-After"), "7");
    EXPECT_FALSE(field(response, "WWW-Authenticate"));
    EXPECT_FALSE(field(response, "Allow"));
}

TEST_F(PipelineTest, what_is_thrown_becomes_500_without_its_text)
{
    for (auto const* target : {"/api/sessions/throw/", "/api/sessions/odd/"})
    {
        auto const response = ask("GET", target);
        EXPECT_EQ(response.status, 500);
        EXPECT_EQ(response.body.find("broke"), std::string::npos);
        EXPECT_TRUE(field(response, "X-Request-Id"));
    }
    EXPECT_EQ(ask("GET", "/api/sessions/memory/").status, 503);
}

TEST_F(PipelineTest, an_open_resource_asks_nobody)
{
    for (int i = 0; i < 6; ++i)
    {
        auto const response = ask("GET", "/api/docs/", {{"X-api-key", "nope"}, {"Accept", "text/html"}});
        EXPECT_EQ(response.status, 200);
        EXPECT_FALSE(field(response, "X-RateLimit-Limit"));
    }
    EXPECT_EQ(seen_.team, "");
    EXPECT_EQ(ask("DELETE", "/api/docs/", {}).status, 405);
    EXPECT_EQ(store_.key_look_ups, 0);
}

TEST_F(PipelineTest, a_resource_that_counts_credentials_counts_every_call)
{
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(ask("POST", "/o/token/", {}).status, 200);
    auto const refused = ask("POST", "/o/token/", {});
    EXPECT_EQ(refused.status, 429);
    EXPECT_EQ(field(refused, "X-RateLimit-Limit"), "3");
    EXPECT_EQ(ask("GET", "/api/sessions/", {{"X-api-key", "nope"}}).status, 429) << "one window for both";
}

TEST_F(PipelineTest, the_fields_of_a_resource_and_of_its_handler_are_on_refusals_too)
{
    for (auto const& [id, status] : std::vector<std::pair<std::string, int>>{{"s", 200}, {"unknown", 404}, {"away", 503}})
    {
        auto const response = ask("GET", "/api/chat/" + id + "/poll/", {});
        EXPECT_EQ(response.status, status);
        EXPECT_EQ(field(response, "Access-Control-Allow-Origin"), "*") << id;
        EXPECT_EQ(field(response, "X-Note"), "from the handler") << id;
    }
    EXPECT_EQ(field(ask("PUT", "/api/chat/s/poll/", {}), "Access-Control-Allow-Origin"), "*") << "405";
    EXPECT_FALSE(field(ask("GET", "/api/sessions/"), "Access-Control-Allow-Origin"));
}

TEST_F(PipelineTest, an_unknown_host_is_refused_before_anything_else)
{
    build({.allowed_hosts = {"api.example.org"}});
    EXPECT_EQ(ask("GET", "/nope", {}).status, 400);
    EXPECT_EQ(ask("GET", "/api/docs/", {}).status, 400);
    EXPECT_EQ(ask("GET", "/api/docs/", {}, "").status, 400);
    EXPECT_EQ(ask("GET", "/api/docs/", {}, "API.example.org:8080").status, 200);
    EXPECT_EQ(store_.key_look_ups, 0);
}

TEST_F(PipelineTest, links_begin_where_the_client_sees_us)
{
    (void)ask("GET", "/api/docs/", {{"X-Forwarded-Proto", "https"}}, "example.org:8080");
    EXPECT_EQ(seen_.base_url, "http://example.org:8080") << "nobody is trusted";
    build({.trusted_proxy_hops = 1});
    (void)ask("GET", "/api/docs/", {{"X-Forwarded-Proto", "https"}});
    EXPECT_EQ(seen_.base_url, "https://example.org");
    build({.public_url = "https://public.example"});
    (void)ask("GET", "/api/docs/", {});
    EXPECT_EQ(seen_.base_url, "https://public.example");
}

TEST_F(PipelineTest, the_client_is_seen_through_trusted_proxies)
{
    (void)ask("GET", "/api/docs/", {{"X-Forwarded-For", "203.0.113.9"}});
    EXPECT_EQ(seen_.client, "192.0.2.1");
    build({.trusted_proxy_hops = 1});
    (void)ask("GET", "/api/docs/", {{"X-Forwarded-For", "203.0.113.9"}});
    EXPECT_EQ(seen_.client, "203.0.113.9");
    for (int i = 0; i < 4; ++i)
        (void)ask("GET", "/api/sessions/", {{"X-Forwarded-For", "203.0.113.9"}, {"X-api-key", "nope"}});
    EXPECT_EQ(ask("GET", "/api/sessions/", {{"X-Forwarded-For", "203.0.113.10"}, {"X-api-key", "nope"}}).status, 401);
}

TEST_F(PipelineTest, the_deadline_counts_from_the_head)
{
    build({.request_timeout = 1234ms});
    auto const before = std::chrono::steady_clock::now();
    (void)ask("GET", "/api/docs/", {});
    ASSERT_TRUE(seen_.deadline);
    EXPECT_GE(seen_.deadline->when(), before + 1234ms);
    EXPECT_LE(seen_.deadline->when(), std::chrono::steady_clock::now() + 1234ms);
}

TEST_F(PipelineTest, what_the_body_takes_to_arrive_is_not_taken_from_the_answer)
{
    build({.request_timeout = 10s});
    SlowBody body;
    Request request;
    request.method_name = "GET";
    request.path = "/api/sessions/read/";
    request.host = "example.org";
    std::vector<http::Field> const fields{{"X-api-key", "editor"}};
    request.fields = fields;
    request.body = &body;
    request.received = std::chrono::steady_clock::now() - 9s; // The head came long ago.
    EXPECT_EQ(support::run_coro(pipeline_->answer(request)).status, 200);
    EXPECT_EQ(seen_.body, "sent");
    EXPECT_GE(seen_.deadline->when(), body.arrived + 10s);
    EXPECT_FALSE(seen_.deadline_moved_twice);
}

TEST_F(PipelineTest, a_sane_request_id_is_taken_over_and_others_are_made)
{
    EXPECT_EQ(field(ask("GET", "/nope", {{"X-Request-Id", "req-1.A_b"}}), "X-Request-Id"), "req-1.A_b");
    for (auto const& bad :
         {std::string(), std::string("a b"), std::string("a\"b"), std::string(129, 'a'), std::string("\xc3\xa4")})
    {
        auto const id = field(ask("GET", "/nope", {{"X-Request-Id", bad}}), "X-Request-Id");
        ASSERT_TRUE(id);
        EXPECT_EQ(id->size(), 32U);
        EXPECT_NE(*id, bad);
    }
    EXPECT_NE(field(ask("GET", "/nope"), "X-Request-Id"), field(ask("GET", "/nope"), "X-Request-Id"));
}

TEST_F(PipelineTest, a_trace_goes_on_under_a_new_parent)
{
    auto const incoming = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    auto const outgoing = field(ask("GET", "/nope", {{"traceparent", incoming}}), "traceparent");
    ASSERT_TRUE(outgoing);
    EXPECT_EQ(outgoing->substr(0, 36), "00-0af7651916cd43dd8448eb211c80319c-");
    EXPECT_EQ(outgoing->substr(52), "-01");
    EXPECT_NE(outgoing->substr(36, 16), "b7ad6b7169203331");
    EXPECT_FALSE(field(ask("GET", "/nope", {{"traceparent", "nonsense"}}), "traceparent"));
}

TEST_F(PipelineTest, each_request_is_observed_once_with_its_final_status)
{
    (void)ask("GET", "/api/sessions/throw/");
    EXPECT_EQ(metric(R"(parley_http_requests_total{method="GET",operation="session_retrieve",status_class="5xx"})"), 1);
    (void)ask("HEAD", "/api/sessions/abc/");
    EXPECT_EQ(metric(R"(parley_http_requests_total{method="HEAD",operation="session_retrieve",status_class="2xx"})"), 1);
    (void)ask("BREW", "/api/sessions/");
    EXPECT_EQ(metric(R"(parley_http_requests_total{method="other",operation="none",status_class="4xx"})"), 1);
    (void)ask("GET", "/nope");
    EXPECT_EQ(metric(R"(parley_http_requests_total{method="GET",operation="none",status_class="4xx"})"), 1);
}

TEST_F(PipelineTest, the_time_in_the_store_is_observed_across_a_body_that_moved_the_deadline)
{
    support::TemporaryFolder const folder;
    std::string const log = (folder.path() / "log").string();
    {
        telemetry::Telemetry observing({.log_file = log});
        Pipeline pipeline(routes_, authenticator_, *limiter_, observing, {});
        SlowBody body;
        Request request;
        request.method_name = "GET";
        request.path = "/api/sessions/store/";
        request.host = "example.org";
        std::vector<http::Field> const fields{{"X-api-key", "editor"}};
        request.fields = fields;
        request.body = &body;
        EXPECT_EQ(support::run_coro(pipeline.answer(request)).status, 200);
    }
    std::ifstream file(log);
    std::string line;
    ASSERT_TRUE(std::getline(file, line));
    EXPECT_NE(line.find(R"("queue_ms":2.000,"sql_ms":23.000)"), std::string::npos) << line;
}

} // namespace
} // namespace parley::pipeline
