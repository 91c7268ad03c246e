// Goal: every method on every path is answered as promised, under both spellings of the path.
// Method: the whole matrix of methods and paths, HEAD beside GET, OPTIONS, and the fields that every answer carries.
#include "contract/services.hpp"

#include "parley/support/api_client.hpp"
#include "parley/support/test_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace parley::contract
{
namespace
{

struct Path
{
    char const* rest; // Behind /api/sessions/.
    char const* allow;
};

constexpr Path paths[] = {{"", "GET, POST, HEAD, OPTIONS"},
                          {"known.id/", "GET, HEAD, OPTIONS"},
                          {"known.id/end_experiment_session/", "POST, OPTIONS"},
                          {"known.id/update_state/", "PATCH, OPTIONS"},
                          {"known.id/tags/", "POST, DELETE, OPTIONS"}};

class Methods : public testing::Test
{
  protected:
    support::ParleydProcess& service_ = service_with_small_world(
        "methods", support::small_world({{.id = "known.id", .created_at = "2026-01-01T00:00:00Z", .state = R"({"a":1})"}}));
    support::ApiClient client_{service_, support::small_world_key};
};

TEST_F(Methods, what_a_path_does_not_allow_is_405_and_says_what_it_allows)
{
    for (char const* prefix : {"/api/sessions/", "/api/v1/sessions/"})
    {
        for (Path const& path : paths)
        {
            for (std::string const method : {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "get", "LINK"})
            {
                std::string const target = prefix + std::string(path.rest);
                SCOPED_TRACE(method + " " + target);
                support::HttpAnswer const answer = client_.call(
                    method, target, method == "GET" || method == "HEAD" ? std::nullopt : std::optional<std::string>("{}"));
                bool const allowed = (", " + std::string(path.allow) + ",").find(", " + method + ",") != std::string::npos;
                EXPECT_EQ(answer.status == 405, !allowed) << answer.status;
                EXPECT_EQ(answer.find("Allow"), path.allow);
                if (!allowed && method != "HEAD")
                {
                    EXPECT_EQ(answer.body, R"({"detail":"Method \")" + method + R"(\" not allowed."})");
                }
            }
        }
    }
}

TEST_F(Methods, head_has_the_fields_of_get_and_no_body)
{
    for (char const* target : {"/api/sessions/", "/api/v1/sessions/?page_size=1", "/api/sessions/known.id/",
                               "/api/sessions/unknown/", "/api/sessions/?experiment=nope"})
    {
        SCOPED_TRACE(target);
        auto const fields_of = [](support::HttpAnswer const& answer)
        {
            std::vector<std::pair<std::string, std::string>> fields;
            for (auto const& field : answer.fields)
                if (field.first != "Date" && field.first != "X-Request-Id" && !field.first.starts_with("X-RateLimit-") &&
                    field.first != "traceparent")
                    fields.push_back(field);
            return fields;
        };
        support::HttpAnswer const get = client_.get(target);
        support::HttpAnswer const head = client_.call("HEAD", target);
        EXPECT_EQ(head.status, get.status);
        EXPECT_EQ(fields_of(head), fields_of(get));
        EXPECT_EQ(get.find("Content-Length"), std::to_string(get.body.size()));
    }
}

TEST_F(Methods, head_leaves_the_connection_in_step)
{
    support::RawHttpClient connection = service_.connect();
    EXPECT_EQ(connection.exchange(client_.request("HEAD", "/api/sessions/known.id/")).status, 200);
    support::HttpAnswer const get = connection.exchange(client_.request("GET", "/api/sessions/known.id/"));
    EXPECT_EQ(support::member_of(get.body, "id"), "known.id");
}

TEST_F(Methods, options_describes_each_path)
{
    char const* const names[] = {"Experiment Session List", "Experiment Session Instance", "End experiment session",
                                 "Update state", "Tags"};
    for (std::size_t i = 0; i < std::size(paths); ++i)
    {
        support::HttpAnswer const answer = client_.call("OPTIONS", "/api/sessions/" + std::string(paths[i].rest));
        EXPECT_EQ(answer.status, 200) << paths[i].rest;
        EXPECT_EQ(support::member_of(answer.body, "name"), names[i]);
        EXPECT_EQ(answer.find("Allow"), paths[i].allow);
    }
    EXPECT_EQ(service_.exchange({.method = "OPTIONS", .target = "/api/sessions/"}).status, 401);
}

TEST_F(Methods, a_missing_slash_is_a_redirect_before_anything_else)
{
    for (char const* method : {"GET", "POST", "PATCH", "DELETE", "PROPFIND"})
    {
        for (Path const& path : paths)
        {
            std::string const target = "/api/v1/sessions/" + std::string(path.rest);
            std::string const without = target.substr(0, target.size() - 1);
            support::HttpAnswer const answer = service_.exchange({.method = method, .target = without + "?a=1&b=%20x+y"});
            EXPECT_EQ(answer.status, 301) << method << " " << without;
            EXPECT_EQ(answer.find("Location"), target + "?a=1&b=%20x+y");
        }
    }
}

TEST_F(Methods, paths_are_not_normalised)
{
    for (char const* target : {"/api//sessions/", "//api/sessions/", "/api/./sessions/", "/api/sessions//",
                               "/api/sessions/a%2Fb/", "/api/sessions/known.id/other/", "/API/sessions/", "/api/v2/sessions/",
                               "/api/v1/v1/sessions/", "/", "/api/", "/api/sessions/known.id/tags/x/"})
    {
        support::HttpAnswer const answer = client_.get(target);
        EXPECT_EQ(answer.status, 404) << target;
        EXPECT_EQ(answer.body, R"({"detail":"Not found."})") << target;
    }
    // These are ids like any other.
    for (char const* target :
         {"/api/sessions/./", "/api/sessions/%2e%2e/", "/api/sessions/a+b/", "/api/sessions/%FF/", "/api/sessions/%00/"})
        EXPECT_EQ(client_.get(target).body, R"({"detail":"No ExperimentSession matches the given query."})") << target;
    EXPECT_EQ(client_.get("/api/sessions/known%2Eid/").status, 200);
}

TEST_F(Methods, every_answer_says_what_it_is)
{
    support::HttpAnswer const answer = client_.get("/api/sessions/known.id/");
    EXPECT_EQ(answer.find("Content-Type"), "application/json");
    EXPECT_EQ(answer.count("Date"), 1U);
    EXPECT_EQ(answer.count("X-Request-Id"), 1U);
    EXPECT_EQ(answer.count("Content-Length"), 1U);
    EXPECT_EQ(answer.find("X-Content-Type-Options"), "nosniff");
}

} // namespace
} // namespace parley::contract
