// What the tests' own gatekeeper lets through and what it does not.
#include "parley/support/promised_exchange.hpp"

#include <gtest/gtest.h>

namespace parley::support
{
namespace
{

bool keeps(std::string_view method, std::string_view target, int status, std::string_view body)
{
    return !validate_exchange(method, target, status, body);
}

constexpr auto empty_page = R"({"next":null,"previous":null,"results":[],"count":0})";
constexpr auto not_found = R"({"detail":"Not found."})";

TEST(PromisedExchange, takes_what_is_promised)
{
    EXPECT_TRUE(keeps("GET", "/api/sessions/?page_size=1", 200, empty_page));
    EXPECT_TRUE(keeps("GET", "/api/v1/sessions/", 200, empty_page));
    EXPECT_TRUE(keeps("HEAD", "/api/sessions/", 200, ""));
    EXPECT_TRUE(keeps("POST", "/api/sessions/a%20b/end_experiment_session/", 200, ""));
    EXPECT_TRUE(keeps("DELETE", "/api/sessions/./tags/", 200, R"({"tags":[]})"));
    EXPECT_TRUE(keeps("GET", "/api/docs/", 200, "<!doctype html>"));
}

TEST(PromisedExchange, refuses_a_body_that_is_not_promised)
{
    EXPECT_FALSE(keeps("GET", "/api/sessions/", 200, R"({"next":null,"previous":null})"));
    EXPECT_FALSE(keeps("GET", "/api/sessions/", 200, R"({"next":null,"previous":null,"results":[],"more":1})"));
    EXPECT_FALSE(keeps("GET", "/api/sessions/", 200, "no json"));
    EXPECT_FALSE(keeps("GET", "/api/sessions/", 401, R"({"error":"Invalid token."})"));
    EXPECT_FALSE(keeps("HEAD", "/api/sessions/", 200, empty_page));
    EXPECT_FALSE(keeps("POST", "/api/sessions/x/end_experiment_session/", 200, "{}"));
}

TEST(PromisedExchange, tells_a_page_from_an_answer_for_programs)
{
    EXPECT_TRUE(keeps("GET", "/accounts/login/", 200, "<!doctype html><html>"));
    EXPECT_TRUE(keeps("GET", "/o/authorize/?client_id=nope", 400, "<!doctype html><html>"));
    EXPECT_TRUE(keeps("GET", "/o/authorize/", 400, R"({"detail":"The request is malformed."})"));
    EXPECT_FALSE(keeps("GET", "/accounts/login/", 200, R"({"detail":"Not found."})"));
    EXPECT_FALSE(keeps("GET", "/o/authorize/", 400, R"({"error":"invalid_request"})"));
    EXPECT_FALSE(keeps("POST", "/o/token/", 400, "<!doctype html><html>"));
}

TEST(PromisedExchange, refuses_a_status_that_is_not_promised)
{
    EXPECT_FALSE(keeps("GET", "/api/sessions/", 201, empty_page));
    EXPECT_FALSE(keeps("POST", "/api/sessions/", 200, empty_page));
}

TEST(PromisedExchange, holds_other_requests_against_the_answers_that_anybody_can_get)
{
    EXPECT_TRUE(keeps("GET", "/nope", 404, not_found));
    EXPECT_TRUE(keeps("GET", "/api/sessions", 301, ""));
    EXPECT_TRUE(keeps("PUT", "/api/sessions/", 405, R"({"detail":"Method \"PUT\" not allowed."})"));
    EXPECT_TRUE(keeps("GET", "/api/sessions/a%2Fb/", 404, not_found));
    EXPECT_FALSE(keeps("GET", "/nope", 200, not_found));
    EXPECT_FALSE(keeps("GET", "/nope", 404, R"({"error":"Not found."})"));
    EXPECT_FALSE(keeps("PUT", "/api/sessions/", 200, empty_page));
}

} // namespace
} // namespace parley::support
