#include "parley/http/message.hpp"

#include <gtest/gtest.h>

#include <array>

namespace parley::http
{

namespace
{

TEST(Method, is_told_by_its_exact_name)
{
    EXPECT_EQ(method_from("GET"), Method::get);
    EXPECT_EQ(method_from("HEAD"), Method::head);
    EXPECT_EQ(method_from("POST"), Method::post);
    EXPECT_EQ(method_from("PUT"), Method::put);
    EXPECT_EQ(method_from("PATCH"), Method::patch);
    EXPECT_EQ(method_from("DELETE"), Method::delete_);
    EXPECT_EQ(method_from("OPTIONS"), Method::options);
    EXPECT_EQ(method_from("TRACE"), Method::trace);
    for (auto const* const name : {"get", "Get", "", "GETS", "CONNECT", "FOO", "PATCHY"})
        EXPECT_EQ(method_from(name), Method::other) << name;
}

TEST(Request, finds_the_first_field_of_a_name_in_any_case)
{
    std::array<Field, 3> const fields{Field{"X-One", "1"}, Field{"X-Two", ""}, Field{"x-ONE", "2"}};
    Request request;
    request.fields = fields;
    ASSERT_NE(request.find("x-one"), nullptr);
    EXPECT_EQ(*request.find("x-one"), "1");
    ASSERT_NE(request.find("X-TWO"), nullptr);
    EXPECT_EQ(*request.find("X-TWO"), "");
    EXPECT_EQ(request.find("X-Three"), nullptr);
    EXPECT_EQ(request.find("X-On"), nullptr);
}

TEST(Response, a_field_cannot_split_the_answer)
{
    Response response;
    response.add("Location", "/a\r\nSet-Cookie: b=c\n\0\x7f");
    response.add("X", "caf\xc3\xa9\tx");
    EXPECT_EQ(response.fields, "Location: /a  Set-Cookie: b=c \r\nX: caf\xc3\xa9\tx\r\n");
}

TEST(ToResponse, an_answer_holds_the_default_sentence_of_its_problem)
{
    struct Row
    {
        ProblemCode code;
        int status;
        std::string_view body;
    };
    Row const rows[] = {
        {ProblemCode::path_unknown, 404, R"({"detail":"Not found."})"},
        {ProblemCode::format_unknown, 404, R"({"detail":"Not found."})"},
        {ProblemCode::not_acceptable, 406, R"({"detail":"Could not satisfy the request Accept header."})"},
        {ProblemCode::cursor_invalid, 404, R"({"detail":"Invalid cursor"})"},
        {ProblemCode::credentials_missing, 401, R"({"detail":"Authentication credentials were not provided."})"},
        {ProblemCode::credential_invalid, 401, R"({"detail":"Invalid token."})"},
        {ProblemCode::token_expired, 401, R"({"detail":"Invalid token."})"},
        {ProblemCode::user_inactive, 401, R"({"detail":"User inactive or deleted."})"},
        {ProblemCode::membership_missing, 401, R"({"detail":"Incorrect authentication credentials."})"},
        {ProblemCode::permission_denied, 403, R"({"detail":"You do not have permission to perform this action."})"},
        {ProblemCode::session_unknown, 404, R"({"detail":"No ExperimentSession matches the given query."})"},
        {ProblemCode::experiment_elsewhere, 404, R"({"detail":"Experiment not found"})"},
        {ProblemCode::internal, 500, R"({"detail":"Internal server error."})"},
    };
    for (auto const& row : rows)
    {
        auto const response = to_response(Problem{row.code});
        EXPECT_EQ(response.status, row.status) << name_of(row.code);
        EXPECT_EQ(response.body, row.body);
        EXPECT_EQ(status_of(row.code), row.status);
        EXPECT_EQ(response.fields, "");
        EXPECT_FALSE(response.close);
    }
}

TEST(ToResponse, detail_replaces_the_sentence_and_is_escaped)
{
    auto const response = to_response(Problem{ProblemCode::method_not_allowed, "Method \"PUT\" not allowed."});
    EXPECT_EQ(response.status, 405);
    EXPECT_EQ(response.body, R"({"detail":"Method \"PUT\" not allowed."})");
}

TEST(ToResponse, body_replaces_all)
{
    auto const response = to_response(Problem{ProblemCode::field_invalid, "unused", R"({"experiment":["no"]})"});
    EXPECT_EQ(response.status, 400);
    EXPECT_EQ(response.body, R"({"experiment":["no"]})");
}

TEST(ToResponse, a_full_rate_window_says_when_it_ends)
{
    auto const response = to_response(Problem{.code = ProblemCode::rate_exceeded, .retry_after = 17});
    EXPECT_EQ(response.status, 429);
    EXPECT_EQ(response.body, R"({"detail":"Rate limit exceeded.","available_in":17})");
    EXPECT_EQ(response.fields, "Retry-After: 17\r\n");
}

TEST(ToResponse, what_passes_says_when_to_come_back)
{
    for (auto const code :
         {ProblemCode::store_overloaded, ProblemCode::store_unavailable, ProblemCode::deadline_passed, ProblemCode::draining})
    {
        auto const response = to_response(Problem{code});
        EXPECT_EQ(response.status, 503) << name_of(code);
        EXPECT_EQ(response.fields, "Retry-After: 1\r\n") << name_of(code);
    }
    EXPECT_EQ(to_response(Problem{.code = ProblemCode::store_unavailable, .retry_after = 5}).fields, "Retry-After: 5\r\n");
}

TEST(ToResponse, a_missing_slash_is_an_empty_redirect)
{
    auto const response = to_response(Problem{ProblemCode::slash_missing, "/api/sessions/?a=b"});
    EXPECT_EQ(response.status, 301);
    EXPECT_EQ(response.fields, "Location: /api/sessions/?a=b\r\n");
    EXPECT_EQ(response.body, "");
}

TEST(ToResponse, the_connection_closes_where_the_next_request_cannot_be_found)
{
    struct Row
    {
        ProblemCode code;
        int status;
    };
    for (auto const& row : {Row{ProblemCode::head_malformed, 400}, Row{ProblemCode::head_too_large, 431},
                            Row{ProblemCode::target_too_long, 414}, Row{ProblemCode::body_too_large, 413},
                            Row{ProblemCode::request_timeout, 408}, Row{ProblemCode::coding_unsupported, 501},
                            Row{ProblemCode::expectation_failed, 417}, Row{ProblemCode::version_unsupported, 505}})
    {
        auto const response = to_response(Problem{row.code});
        EXPECT_TRUE(response.close) << name_of(row.code);
        EXPECT_EQ(response.status, row.status) << name_of(row.code);
    }
}

} // namespace

} // namespace parley::http
