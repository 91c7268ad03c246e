// The resources themselves: their paths, OPTIONS and the documentation.
#include "api_bench.hpp"

#include "parley/core/json.hpp"
#include "parley/schema/documents.hpp"

#include <gtest/gtest.h>

#include <set>

namespace parley::api::test
{
namespace
{

TEST(Resources, every_operation_has_an_id_of_its_own_and_its_method_is_allowed)
{
    ApiBench bench;
    std::set<std::string_view> ids;
    for (routing::Resource const& resource : bench.routes.resources())
    {
        for (routing::Operation const& operation : resource.operations)
        {
            EXPECT_TRUE(ids.insert(operation.id).second) << operation.id;
            EXPECT_TRUE(operation.handle) << operation.id;
        }
    }
    for (char const* id : {"session_list", "session_create", "session_retrieve", "session_end_experiment_session",
                           "session_add_tags", "session_remove_tags", "session_update_state"})
    {
        EXPECT_TRUE(ids.contains(id)) << id;
    }
}

TEST(Resources, a_wrong_method_has_no_operation)
{
    ApiBench bench;
    for (auto const& [method, path] :
         {std::pair("PUT", "/api/sessions/"), std::pair("POST", "/api/sessions/s/"), std::pair("GET", "/api/sessions/s/tags/"),
          std::pair("HEAD", "/api/sessions/s/update_state/"), std::pair("TRACE", "/api/sessions/"),
          std::pair("FOO", "/api/sessions/s/end_experiment_session/"), std::pair("OPTIONS", "/api/docs/")})
    {
        EXPECT_EQ(bench.send({.method = method, .path = path}).status, 405) << method << " " << path;
    }
}

std::string options(ApiBench& bench, std::string path)
{
    return bench.outcome({.method = "OPTIONS", .path = std::move(path)});
}

std::string description(std::string_view name)
{
    return R"(200 {"name":")" + std::string(name) +
           R"(","description":"","renders":["application/json"],"parses":["application/json"]})";
}

TEST(Options, each_resource_has_its_name)
{
    ApiBench bench;
    EXPECT_EQ(options(bench, "/api/sessions/s/"), description("Experiment Session Instance"));
    EXPECT_EQ(options(bench, "/api/sessions/s/end_experiment_session/"), description("End experiment session"));
    EXPECT_EQ(options(bench, "/api/sessions/s/update_state/"), description("Update state"));
    EXPECT_EQ(options(bench, "/api/sessions/s/tags/"), description("Tags"));
    EXPECT_TRUE(bench.store.verbs.empty());
}

TEST(Options, the_list_tells_whoever_may_create_what_it_takes)
{
    ApiBench bench;
    std::string const told = options(bench, "/api/sessions/");
    EXPECT_TRUE(told.starts_with(R"(200 {"name":"Experiment Session List","description":"","renders":["application/json"],)"
                                 R"("parses":["application/json"],"actions":{"POST":{"url":{"type":"field","required":false,)"))
        << told;
    std::string const body = told.substr(4);
    auto const parsed = json::Document::parse(body);
    ASSERT_TRUE(parsed) << parsed.error().sentence();
    std::string fields;
    json::Value const post = *parsed->root().find("actions")->find("POST");
    for (auto field = post.begin(); field != post.end(); ++field)
        fields.append(field.key()).append(" ");
    EXPECT_EQ(fields, "url id team experiment participant created_at updated_at status platform tags state ");
}

TEST(Options, who_may_not_create_is_not_told)
{
    std::string const told = description("Experiment Session List");
    {
        ApiBench bench;
        bench.principal.read_only = true;
        EXPECT_EQ(options(bench, "/api/sessions/"), told);
    }
    {
        ApiBench bench;
        bench.principal.permissions = auth::Permission::view;
        EXPECT_EQ(options(bench, "/api/sessions/"), told);
    }
    auth::Principal token = ApiBench().principal;
    token.scheme = auth::Scheme::access_token;
    token.is_scoped = true;
    token.has_read_scope = true;
    {
        ApiBench bench;
        bench.principal = token;
        EXPECT_EQ(options(bench, "/api/sessions/"), told);
        bench.principal.has_write_scope = true;
        EXPECT_NE(options(bench, "/api/sessions/"), told);
    }
    {
        ApiBench bench; // A machine.
        bench.principal = token;
        bench.principal.user_email.reset();
        bench.principal.permissions = auth::Permission::none;
        EXPECT_EQ(options(bench, "/api/sessions/"), told);
        bench.principal.has_write_scope = true;
        EXPECT_NE(options(bench, "/api/sessions/"), told);
    }
}

TEST(Options, nothing_here_may_be_called_from_other_sites)
{
    ApiBench bench;
    for (char const* path : {"/api/sessions/", "/api/sessions/s/", "/api/sessions/s/tags/", "/api/v2/sessions/s/messages/"})
    {
        EXPECT_EQ(bench.send({.method = "OPTIONS", .path = path}).fields.find("Access-Control"), std::string::npos) << path;
    }
}

TEST(Documentation, the_schema_is_given_as_the_type_that_is_asked_for)
{
    ApiBench bench;
    http::Response response = bench.send({.path = "/api/schema/"});
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.content_type, "application/json");
    EXPECT_EQ(response.content(), schema::openapi_document());
    response = bench.send({.path = "/api/v1/schema/", .fields = {{"Accept", "application/vnd.oai.openapi+json, */*;q=0.1"}}});
    EXPECT_EQ(response.content_type, "application/vnd.oai.openapi+json");
}

TEST(Documentation, the_page_and_what_goes_with_it)
{
    ApiBench bench;
    for (schema::Asset const& asset : schema::documentation_assets())
    {
        http::Response const response = bench.send({.path = "/api/docs/" + std::string(asset.name)});
        EXPECT_EQ(response.status, 200) << asset.name;
        EXPECT_EQ(response.content_type, asset.content_type);
        EXPECT_EQ(response.content(), asset.body);
        EXPECT_NE(response.fields.find("Content-Security-Policy: "), std::string::npos);
    }
    EXPECT_EQ(bench.send({.path = "/api/docs/nope.js"}).status, 404);
    EXPECT_EQ(bench.send({.path = "/api/docs"}).status, 301);
}

} // namespace
} // namespace parley::api::test
