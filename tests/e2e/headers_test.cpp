// Goal: no answer leaves without the security fields, whoever makes it, and none says which version made it.
// Method: one answer of every kind (operations, refusals of the gate and of the road, pages, documents, the admin port, a full
// house) from the real program; each is held against the same list.
#include "parley/support/api_client.hpp"
#include "parley/support/test_world.hpp"
#include "parley/support/world_service.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace parley::e2e
{
namespace
{

constexpr int connections_max = 40;

class Headers : public testing::Test
{
  protected:
    static void SetUpTestSuite()
    {
        service_ =
            support::start_with_small_world(support::small_world({}), {"--connections-max", std::to_string(connections_max),
                                                                       "--rate-limit-credentials", "20/1h"});
    }
    static void TearDownTestSuite() { service_.reset(); }

    static support::ApiClient client() { return {*service_, support::small_world_key}; }

    static support::HttpAnswer raw(std::string const& bytes)
    {
        auto connection = service_->connect();
        connection.try_send(bytes);
        return connection.read_answer().value();
    }

    static std::unique_ptr<support::ParleydProcess> service_;
};

std::unique_ptr<support::ParleydProcess> Headers::service_;

void expect_secure(support::HttpAnswer const& answer, int status)
{
    SCOPED_TRACE(std::to_string(status) + ": " + answer.body.substr(0, 100));
    EXPECT_EQ(answer.status, status);
    EXPECT_EQ(answer.find("Server"), "parley") << "and no version";
    EXPECT_EQ(answer.find("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(answer.find("Referrer-Policy"), "same-origin");
    EXPECT_EQ(answer.find("Cross-Origin-Resource-Policy"), "same-origin");
    EXPECT_EQ(answer.count("Cache-Control"), 1U);
    EXPECT_FALSE(answer.find("X-Powered-By"));
}

void expect_not_kept(support::HttpAnswer const& answer, int status)
{
    expect_secure(answer, status);
    EXPECT_EQ(answer.find("Cache-Control"), "no-store");
}

// What a browser shows as a page.
void expect_page(support::HttpAnswer const& answer, int status)
{
    expect_secure(answer, status);
    auto const policy = answer.find("Content-Security-Policy").value_or("");
    EXPECT_NE(policy.find("default-src 'none'"), std::string::npos) << policy;
    EXPECT_NE(policy.find("frame-ancestors 'none'"), std::string::npos) << policy;
}

TEST_F(Headers, are_on_what_the_operations_answer)
{
    auto const session = client().create(support::small_world_experiment, R"(,"messages":[{"role":"user","content":"secret"}])");
    auto const path = "/api/sessions/" + session + "/";
    expect_not_kept(client().get(path), 200); // A transcript.
    expect_not_kept(client().get("/api/sessions/"), 200);
    expect_not_kept(client().call("PATCH", path + "update_state/", R"({"state":{"a":1}})"), 200);
    expect_not_kept(client().post(path + "tags/", R"({"tags":["a"]})"), 200);
    expect_not_kept(client().call("OPTIONS", path), 200);
    expect_not_kept(client().call("HEAD", path), 200);
    expect_not_kept(client().post(path + "end_experiment_session/", ""), 200);
}

TEST_F(Headers, are_on_what_the_road_refuses)
{
    expect_not_kept(service_->exchange({.target = "/api/sessions/"}), 401);
    expect_not_kept(client().get("/nowhere/"), 404);
    expect_not_kept(client().get("/api/sessions/unknown/"), 404);
    expect_not_kept(client().call("PUT", "/api/sessions/"), 405);
    expect_secure(client().get("/api/sessions"), 301);
    expect_not_kept(client().post("/api/sessions/", "{"), 400);
    auto request = client().request("POST", "/api/sessions/", "{}");
    std::erase_if(request.fields, [](auto const& field) { return field.first == "Content-Type"; });
    request.fields.emplace_back("Content-Type", "text/plain");
    expect_not_kept(service_->exchange(request), 415);
    request = client().request("GET", "/api/sessions/");
    request.fields.emplace_back("Accept", "image/png");
    expect_not_kept(service_->exchange(request), 406);
}

TEST_F(Headers, are_on_what_the_gate_refuses)
{
    std::string const head = "GET /api/sessions/ HTTP/1.1\r\nHost: parley.test\r\n";
    expect_not_kept(raw("rubbish\r\n\r\n"), 400);
    expect_not_kept(raw(head + "Expect: x\r\n\r\n"), 417);
    expect_not_kept(raw(head + "A: " + std::string(20'000, 'a') + "\r\n\r\n"), 431);
    expect_not_kept(raw("GET /" + std::string(9000, 'a') + " HTTP/1.1\r\nHost: parley.test\r\n\r\n"), 414);
    expect_not_kept(raw(head + "Transfer-Encoding: gzip\r\n\r\n"), 501);
    expect_not_kept(raw("GET / HTTP/2.0\r\nHost: parley.test\r\n\r\n"), 505);
    expect_not_kept(raw("POST /api/sessions/ HTTP/1.1\r\nHost: parley.test\r\nContent-Type: application/json\r\nX-api-key: " +
                        std::string(support::small_world_key) + "\r\nContent-Length: 99999999\r\n\r\n"),
                    413);
}

TEST_F(Headers, are_on_the_pages_and_documents)
{
    expect_page(service_->exchange({.target = "/accounts/login/"}), 200);
    expect_page(service_->exchange({.target = "/api/docs/"}), 200);
    expect_secure(service_->exchange({.target = "/o/authorize/"}), 302);
    expect_secure(service_->exchange({.target = "/api/schema/"}), 200);
    expect_secure(service_->exchange({.target = "/o/assets/page.css"}), 200);
    expect_secure(service_->exchange({.target = "/.well-known/openid-configuration"}), 200);
    expect_secure(service_->exchange({.target = "/.well-known/jwks.json"}), 200);
}

TEST_F(Headers, are_on_what_the_token_endpoints_answer)
{
    for (std::string const path : {"/o/token/", "/o/revoke_token/", "/o/introspect/"})
    {
        auto const answer = service_->exchange({.method = "POST",
                                                .target = path,
                                                .fields = {{"Content-Type", "application/x-www-form-urlencoded"}},
                                                .body = "grant_type=client_credentials&client_id=a&client_secret=b&token=c"});
        expect_not_kept(answer, answer.status);
        EXPECT_GE(answer.status, 400);
    }
}

TEST_F(Headers, are_on_the_admin_port)
{
    for (std::string const path : {"/livez", "/readyz", "/startupz", "/metrics", "/buildinfo"})
        expect_not_kept(service_->exchange_with_admin(path), 200);
    expect_not_kept(service_->exchange_with_admin("/nowhere"), 404);
}

// The last two: they use up what the others need.
TEST_F(Headers, are_on_what_is_over_a_limit)
{
    support::HttpAnswer answer;
    for (int i = 0; i < 30 && answer.status != 429; ++i)
        answer = service_->exchange({.target = "/api/sessions/", .fields = {{"X-api-key", "wrong"}}});
    expect_not_kept(answer, 429);
    EXPECT_TRUE(answer.find("Retry-After"));
}

TEST_F(Headers, are_on_what_a_full_house_answers)
{
    std::vector<support::RawHttpClient> connections;
    for (int i = 0; i <= connections_max; ++i)
        connections.push_back(service_->connect());
    connections.back().try_send("GET /api/sessions/ HTTP/1.1\r\nHost: parley.test\r\n\r\n");
    auto const answer = connections.back().read_answer().value();
    expect_not_kept(answer, 503);
    EXPECT_TRUE(answer.find("Retry-After"));
}

} // namespace
} // namespace parley::e2e
