// match: which paths exist, what the id is, where a missing slash leads.
#include "parley/routing/route_table.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace parley::routing
{
namespace
{

Operation operation(std::string_view id, http::Method method)
{
    return {.id = id, .method = method, .handle = {}};
}

RouteTable a_table()
{
    using http::Method;
    std::vector<Resource> resources;
    resources.push_back({.path = "/api/sessions/",
                         .allow = "GET, POST, HEAD, OPTIONS",
                         .operations = {operation("session_list", Method::get), operation("session_create", Method::post)}});
    resources.push_back({.path = "/api/sessions/{id}/",
                         .allow = "GET, HEAD, OPTIONS",
                         .operations = {operation("session_retrieve", Method::get)}});
    resources.push_back(
        {.path = "/api/sessions/{id}/tags/",
         .allow = "POST, DELETE, OPTIONS",
         .operations = {operation("session_add_tags", Method::post), operation("session_remove_tags", Method::delete_)}});
    resources.push_back({.path = "/api/docs/{name}",
                         .allow = "GET, HEAD, OPTIONS",
                         .access = Access::open,
                         .produces = "*",
                         .operations = {operation("docs_asset", Method::get)}});
    resources.push_back({.path = "/o/token/", .allow = "POST", .operations = {operation("token", Method::post)}});
    return RouteTable(std::move(resources));
}

std::string outcome(RouteTable const& table, std::string path, std::string query = {}, http::Method method = http::Method::get)
{
    http::Request request;
    request.path = path;
    request.query = query;
    request.method = method;
    Result<Match> const match = table.match(request);
    if (!match)
        return match.error().code == ProblemCode::slash_missing ? "-> " + match.error().detail
                                                                : std::string(name_of(match.error().code));
    std::string text(match->operation == nullptr ? "no operation" : match->operation->id);
    if (!match->parameter.empty()) text.append(" ").append(match->parameter);
    return text;
}

TEST(RouteTable, a_path_is_answered_by_its_operation)
{
    RouteTable const table = a_table();
    EXPECT_EQ(outcome(table, "/api/sessions/"), "session_list");
    EXPECT_EQ(outcome(table, "/api/sessions/abc/"), "session_retrieve abc");
    EXPECT_EQ(outcome(table, "/api/sessions/abc/tags/", {}, http::Method::post), "session_add_tags abc");
    EXPECT_EQ(outcome(table, "/api/sessions/abc/tags/", {}, http::Method::delete_), "session_remove_tags abc");
    EXPECT_EQ(outcome(table, "/api/docs/docs.css"), "docs_asset docs.css");
    EXPECT_EQ(outcome(table, "/o/token/", {}, http::Method::post), "token");
}

TEST(RouteTable, the_paths_with_a_version_are_the_same_surface)
{
    RouteTable const table = a_table();
    EXPECT_EQ(outcome(table, "/api/v1/sessions/"), "session_list");
    EXPECT_EQ(outcome(table, "/api/v1/sessions/abc/"), "session_retrieve abc");
    EXPECT_EQ(outcome(table, "/api/v1/docs/docs.css"), "docs_asset docs.css");
    for (char const* unknown : {"/api/V1/sessions/", "/api/v2/sessions/", "/api/v3/sessions/", "/api/v1/v1/sessions/", "/api/v1/",
                                "/v1/sessions/", "/o/v1/token/", "/api/v1/o/token/", "/API/sessions/"})
    {
        EXPECT_EQ(outcome(table, unknown), "path_unknown") << unknown;
    }
}

TEST(RouteTable, other_paths_are_unknown)
{
    RouteTable const table = a_table();
    for (char const* unknown : {"",
                                "/",
                                "*",
                                "nope",
                                "/nope",
                                "/api/",
                                "/api",
                                "/api/session/",
                                "/api/nope/",
                                "/api/sessions.json",
                                "/api/sessions//",
                                "//api/sessions/",
                                "//api/sessions",
                                "/api//sessions/",
                                "/api/sessions/a//",
                                "/api/sessions/a/tags/x/",
                                "/api/sessions/a/tags//",
                                "/api/sessions/../sessions/x/y/",
                                "/api/docs/docs.css/",
                                "/a/b/c/d/e/f/g/h/i/j/k",
                                "/api/Sessions/",
                                "api/sessions/"})
    {
        EXPECT_EQ(outcome(table, unknown), "path_unknown") << unknown;
    }
}

TEST(RouteTable, paths_are_not_normalised)
{
    RouteTable const table = a_table();
    EXPECT_EQ(outcome(table, "/api/sessions/./"), "session_retrieve .");
    EXPECT_EQ(outcome(table, "/api/sessions/../"), "session_retrieve ..");
    EXPECT_EQ(outcome(table, "/api/sessions/%2e%2E/"), "session_retrieve ..");
}

TEST(RouteTable, an_id_is_decoded_once_and_a_plus_stays)
{
    RouteTable const table = a_table();
    EXPECT_EQ(outcome(table, "/api/sessions/with%20space/"), "session_retrieve with space");
    EXPECT_EQ(outcome(table, "/api/sessions/plus+sign/"), "session_retrieve plus+sign");
    EXPECT_EQ(outcome(table, "/api/sessions/%C3%BC/"), "session_retrieve ü");
    EXPECT_EQ(outcome(table, "/api/sessions/semi;colon,comma/"), "session_retrieve semi;colon,comma");
    EXPECT_EQ(outcome(table, "/api/sessions/q%3Fmark/"), "session_retrieve q?mark");
    EXPECT_EQ(outcome(table, "/api/sessions/pct%252Fencoded/"), "session_retrieve pct%2Fencoded");
    EXPECT_EQ(outcome(table, "/api/sessions/%/"), "session_retrieve %");
    EXPECT_EQ(outcome(table, "/api/sessions/%4/"), "session_retrieve %4");
    EXPECT_EQ(outcome(table, "/api/sessions/%zz/"), "session_retrieve %zz");
    EXPECT_EQ(outcome(table, "/api/sessions/a%00b/"), std::string("session_retrieve a\0b", 20));
}

TEST(RouteTable, an_encoded_slash_in_an_id_matches_no_path)
{
    RouteTable const table = a_table();
    EXPECT_EQ(outcome(table, "/api/sessions/a%2Fb/"), "path_unknown");
    EXPECT_EQ(outcome(table, "/api/sessions/a%2fb/"), "path_unknown");
    EXPECT_EQ(outcome(table, "/api/sessions/a%2Ftags/"), "path_unknown");
    EXPECT_EQ(outcome(table, "/api/sessions/a%2Fb"), "path_unknown");
    EXPECT_EQ(outcome(table, "/api%2Fsessions/"), "path_unknown");
}

TEST(RouteTable, a_byte_that_is_not_utf8_is_shown_as_percent_text)
{
    RouteTable const table = a_table();
    EXPECT_EQ(outcome(table, "/api/sessions/%ff/"), "session_retrieve %FF");
    EXPECT_EQ(outcome(table, "/api/sessions/%ff%fe/"), "session_retrieve %FF%FE");
    EXPECT_EQ(outcome(table, "/api/sessions/a%c3b%C3%BCc%e2%82/"), "session_retrieve a%C3büc%E2%82");
    EXPECT_EQ(outcome(table, "/api/sessions/%ed%a0%80/"), "session_retrieve %ED%A0%80"); // A surrogate.
    EXPECT_EQ(outcome(table, "/api/sessions/\xFF/"), "session_retrieve %FF");
}

TEST(RouteTable, the_fixed_parts_may_be_encoded_too)
{
    EXPECT_EQ(outcome(a_table(), "/%61pi/sess%69ons/"), "session_list");
}

TEST(RouteTable, a_missing_slash_is_added_and_the_query_kept)
{
    RouteTable const table = a_table();
    EXPECT_EQ(outcome(table, "/api/sessions"), "-> /api/sessions/");
    EXPECT_EQ(outcome(table, "/api/sessions", "a=b&c=%20+"), "-> /api/sessions/?a=b&c=%20+");
    EXPECT_EQ(outcome(table, "/api/v1/sessions", "a=b"), "-> /api/v1/sessions/?a=b");
    EXPECT_EQ(outcome(table, "/api/sessions/.json"), "-> /api/sessions/.json/");
    EXPECT_EQ(outcome(table, "/api/sessions/a/tags", {}, http::Method::post), "-> /api/sessions/a/tags/");
    EXPECT_EQ(outcome(table, "/api/sessions/a/tags", {}, http::Method::other), "-> /api/sessions/a/tags/");
    EXPECT_EQ(outcome(table, "/o/token"), "-> /o/token/");
}

TEST(RouteTable, a_location_is_a_path_of_this_host_without_control_characters)
{
    RouteTable const table = a_table();
    EXPECT_EQ(outcome(table, "/api/sessions/with%20space"), "-> /api/sessions/with%20space/");
    EXPECT_EQ(outcome(table, "/api/sessions/%0d%0aSet-Cookie:x"), "-> /api/sessions/%0D%0ASet-Cookie:x/");
    EXPECT_EQ(outcome(table, "/api/sessions/%c3%bc"), "-> /api/sessions/%C3%BC/");
    EXPECT_EQ(outcome(table, "/api/sessions/pct%252Fencoded"), "-> /api/sessions/pct%252Fencoded/");
    EXPECT_EQ(outcome(table, "/api/sessions", "a=\r\n<\"ü"), "-> /api/sessions/?a=%0D%0A%3C%22%C3%BC");
    EXPECT_EQ(outcome(table, "//evil.example/api/sessions"), "path_unknown");
    EXPECT_EQ(outcome(table, "/%2Fevil.example"), "path_unknown");
}

TEST(RouteTable, another_method_still_has_its_path)
{
    RouteTable const table = a_table();
    EXPECT_EQ(outcome(table, "/api/sessions/", {}, http::Method::put), "no operation");
    EXPECT_EQ(outcome(table, "/api/sessions/a/", {}, http::Method::other), "no operation a");
    EXPECT_EQ(outcome(table, "/api/sessions/a/tags/", {}, http::Method::get), "no operation a");
}

TEST(RouteTable, head_is_answered_by_the_get_operation)
{
    RouteTable const table = a_table();
    EXPECT_EQ(outcome(table, "/api/sessions/", {}, http::Method::head), "session_list");
    EXPECT_EQ(outcome(table, "/api/sessions/a/tags/", {}, http::Method::head), "no operation a");
}

// ---- negotiate

std::string negotiated(std::vector<std::string_view> accept, std::string query = {}, std::string path = "/api/sessions/")
{
    RouteTable const table = a_table();
    std::vector<http::Field> fields{{"Host", "x"}};
    for (std::string_view const value : accept)
        fields.push_back({"aCCept", value});
    http::Request request;
    request.path = path;
    request.query = query;
    request.fields = fields;
    Result<Match> const match = table.match(request);
    if (!match) return "no match";
    std::optional<Problem> const problem = table.negotiate(*match, request);
    return problem ? std::string(name_of(problem->code)) : "ok";
}

TEST(Negotiate, whatever_includes_json_is_accepted)
{
    EXPECT_EQ(negotiated({}), "ok");
    for (char const* accept :
         {"*/*", "application/json", "application/*", "*/json", "APPLICATION/JSON", "application/json;q=0.1, text/html",
          "text/html,application/xhtml+xml,*/*;q=0.8", "application/json; version=9", "application/json;charset=utf-8",
          "application/json;q=0", " application/json ", "text/html , application/json ; indent=4", ",application/json"})
    {
        EXPECT_EQ(negotiated({accept}), "ok") << accept;
    }
}

TEST(Negotiate, whatever_excludes_json_is_not)
{
    for (char const* accept : {"", " ", ",", "application/xml", "garbage", "*", "json", "application", "application/", "/json",
                               "application/vnd.api+json", "text/*", "application/json2", "application /json",
                               "application/json/x", "xapplication/json"})
    {
        EXPECT_EQ(negotiated({accept}), "not_acceptable") << accept;
    }
}

TEST(Negotiate, several_accept_fields_are_one_list)
{
    EXPECT_EQ(negotiated({"text/html", "application/json"}), "ok");
    EXPECT_EQ(negotiated({"text/html", "text/plain"}), "not_acceptable");
}

TEST(Negotiate, only_the_format_json_is_known)
{
    EXPECT_EQ(negotiated({}, "format=json"), "ok");
    EXPECT_EQ(negotiated({}, "format="), "ok");
    EXPECT_EQ(negotiated({}, "format"), "ok");
    EXPECT_EQ(negotiated({}, "page_size=1&information=xml"), "ok");
    EXPECT_EQ(negotiated({}, "format=xml"), "format_unknown");
    EXPECT_EQ(negotiated({}, "format=JSON"), "format_unknown");
    EXPECT_EQ(negotiated({}, "a=1&form%61t=html"), "format_unknown");
    EXPECT_EQ(negotiated({}, "format=xml&format=json"), "ok");
    EXPECT_EQ(negotiated({}, "format=json&format=xml"), "format_unknown");
}

TEST(Negotiate, the_format_is_held_before_accept)
{
    EXPECT_EQ(negotiated({"text/html"}, "format=xml"), "format_unknown");
    EXPECT_EQ(negotiated({"text/html"}, "format=json"), "not_acceptable");
}

TEST(Negotiate, documents_are_given_whatever_is_accepted)
{
    EXPECT_EQ(negotiated({"text/css"}, "format=xml", "/api/docs/docs.css"), "ok");
    EXPECT_EQ(negotiated({""}, {}, "/api/docs/docs.css"), "ok");
}

} // namespace
} // namespace parley::routing
