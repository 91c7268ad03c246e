// The OpenAPI document and its files hold together.
#include "promises.hpp"

#include "parley/schema/documents.hpp"
#include "parley/schema/limits.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>

namespace parley::schema_tests
{
namespace
{

namespace json = boost::json;
using support::find_by_pointer;

void visit_objects(json::value const& value, std::string const& at,
                   std::function<void(json::object const&, std::string const&)> const& visit)
{
    if (value.is_array())
        for (auto const& element : value.as_array())
            visit_objects(element, at + "/*", visit);
    if (!value.is_object()) return;
    visit(value.as_object(), at);
    for (auto const& [name, member] : value.as_object())
        if (name != "value" && name != "example") visit_objects(member, at + "/" + std::string(name), visit);
}

// A schema file as it stands in the document: references within the document, without the words that only a file needs.
json::value bundled(json::value const& value, bool is_root)
{
    if (value.is_array())
    {
        json::array out;
        for (auto const& element : value.as_array())
            out.push_back(bundled(element, false));
        return out;
    }
    if (!value.is_object()) return value;
    json::object out;
    for (auto const& [name, member] : value.as_object())
    {
        if (is_root && (name == "$schema" || name == "title")) continue;
        if (name == "$ref")
        {
            auto const stem = std::filesystem::path(std::string(member.as_string())).stem().string();
            out[name] = "#/components/schemas/" + std::string(schema_files().at(stem).at("title").as_string());
        }
        else
            out[name] = bundled(member, false);
    }
    return out;
}

TEST(Document, is_the_file_byte_for_byte)
{
    EXPECT_EQ(schema::openapi_document(), read_file(promises_folder() / "openapi.json"));
}

TEST(Document, every_reference_names_something)
{
    visit_objects(document(), "",
                  [](json::object const& object, std::string const& at)
                  {
                      auto const* const reference = object.if_contains("$ref");
                      if (reference == nullptr) return;
                      EXPECT_TRUE(reference->as_string().starts_with("#/components/")) << at;
                      EXPECT_NE(find_by_pointer(document(), std::string_view(reference->as_string()).substr(1)), nullptr)
                          << at << ": " << *reference;
                  });
}

TEST(Document, has_only_schemas_that_the_validator_checks_whole)
{
    support::SchemaValidator const validator(support::references_within(document()));
    for (auto const& [name, schema] : document().at("components").at("schemas").as_object())
        EXPECT_EQ(validator.examine(schema), support::Complaints{}) << name;
    visit_objects(document(), "",
                  [&](json::object const& object, std::string const& at)
                  {
                      auto const* const schema = object.if_contains("schema");
                      if (schema == nullptr) return;
                      EXPECT_EQ(validator.examine(*schema), support::Complaints{}) << at;
                  });
}

TEST(Document, has_the_schema_files_as_its_components)
{
    auto const& components = document().at("components").at("schemas").as_object();
    EXPECT_EQ(components.size(), schema_files().size());
    for (auto const& [stem, file] : schema_files())
    {
        EXPECT_EQ(file.at("$schema"), document().at("jsonSchemaDialect")) << stem;
        auto const* const component = components.if_contains(file.at("title").as_string());
        ASSERT_NE(component, nullptr) << stem;
        EXPECT_EQ(*component, bundled(file, true)) << stem << ".json differs from the document";
    }
}

TEST(Document, names_every_operation_once)
{
    std::set<std::string> ids;
    for (auto const& operation : promised_operations())
        EXPECT_TRUE(ids.insert(operation.id).second) << operation.id;
}

TEST(Document, says_what_each_operation_is_who_may_call_it_and_what_it_answers)
{
    for (auto const& operation : promised_operations())
    {
        auto const& content = operation.content->as_object();
        for (auto const* const key : {"summary", "description", "tags", "security", "responses"})
            EXPECT_TRUE(content.contains(key)) << operation.id << " " << key;
        if (content.at("security").as_array().empty()) continue;
        for (auto const* const status : {"400", "401", "403", "404", "406", "429", "503"})
            EXPECT_TRUE(content.at("responses").as_object().contains(status)) << operation.id << " " << status;
    }
}

TEST(Document, asks_for_the_scope_that_the_method_needs)
{
    for (auto const& operation : promised_operations())
        for (auto const& way : operation.content->at("security").as_array())
            if (auto const* const scopes = way.as_object().if_contains("OAuth2"))
            {
                bool const is_reading = operation.method == "GET" || operation.method == "OPTIONS";
                auto const& scope = is_reading ? schema::scope_sessions_read : schema::scope_sessions_write;
                EXPECT_EQ(*scopes, (json::array{json::string(scope)})) << operation.id;
            }
}

TEST(Document, names_a_parameter_for_every_brace_of_a_path)
{
    for (auto const& [path, item] : document().at("paths").as_object())
    {
        std::string_view const text = path;
        auto const* const parameters = item.as_object().if_contains("parameters");
        ASSERT_EQ(text.find('{') != std::string_view::npos, parameters != nullptr) << path;
        if (parameters == nullptr) continue;
        auto const name = "{" + std::string(parameters->at(0).at("name").as_string()) + "}";
        EXPECT_NE(text.find(name), std::string_view::npos) << path;
    }
}

json::value words(auto const& list)
{
    json::array out;
    for (auto const word : list)
        out.emplace_back(json::string(word));
    return out;
}

TEST(Document, has_the_limits_that_the_decoders_share)
{
    auto const at = [](std::string_view pointer)
    {
        auto const* const value = find_by_pointer(document(), pointer);
        return value == nullptr ? json::value() : *value;
    };
    auto const parameter = [](std::string_view name)
    {
        for (auto const& one : document().at("paths").at("/api/sessions/").at("get").at("parameters").as_array())
            if (one.at("name").as_string() == name) return one.at("schema");
        return json::value();
    };
    EXPECT_EQ(parameter("page_size").at("default"), schema::page_size_default);
    EXPECT_EQ(parameter("page_size").at("maximum"), schema::page_size_max);
    EXPECT_EQ(at("/components/schemas/PaginatedExperimentSessionList/properties/results/maxItems"), schema::page_size_max);
    EXPECT_EQ(at("/paths/~1api~1sessions~1{id}~1/parameters/0/schema/maxLength"), schema::session_id_max);
    EXPECT_EQ(at("/components/schemas/ExperimentSession/properties/id/maxLength"), schema::session_id_max);
    EXPECT_EQ(at("/components/schemas/ExperimentSessionCreate/properties/participant/maxLength"),
              schema::participant_identifier_max);
    EXPECT_EQ(at("/components/schemas/Participant/properties/identifier/maxLength"), schema::participant_identifier_max);
    EXPECT_EQ(at("/components/schemas/TagsRequest/properties/tags/items/maxLength"), schema::tag_name_max);
    EXPECT_EQ(at("/components/schemas/MessagesAppendRequest/properties/messages/maxItems"), schema::messages_appended_max);
    EXPECT_EQ(at("/components/schemas/ChatbotSessionStatusEnum/enum"), words(schema::status_words));
    EXPECT_EQ(at("/components/schemas/RoleEnum/enum"), words(schema::role_words));
    static_assert(schema::json_depth_max == 1000);
    for (auto const* const operation : {"/paths/~1api~1sessions~1/post", "/paths/~1api~1sessions~1{id}~1update_state~1/patch"})
        EXPECT_NE(at(operation + std::string("/requestBody/description")).as_string().find("1,000 levels"), json::string::npos)
            << operation;
}

TEST(DocumentationPage, names_only_assets_that_exist)
{
    auto const page = schema::documentation_asset("");
    ASSERT_TRUE(page);
    EXPECT_EQ(page->content_type, "text/html; charset=utf-8");
    for (auto const& asset : schema::documentation_assets())
    {
        if (asset.name.empty()) continue;
        EXPECT_NE(page->body.find("\"" + std::string(asset.name) + "\""), std::string_view::npos) << asset.name;
    }
    EXPECT_FALSE(schema::documentation_asset("docs.txt"));
    EXPECT_FALSE(schema::documentation_asset("../schema"));
}

// It works offline and under a strict Content-Security-Policy: no address of elsewhere, no script or style in the markup.
TEST(DocumentationPage, loads_nothing_from_elsewhere)
{
    for (auto const& asset : schema::documentation_assets())
    {
        for (auto const* const mark : {"http://", "https://", "//cdn", "@import", "url(", "innerHTML", "eval("})
            EXPECT_EQ(asset.body.find(mark), std::string_view::npos) << asset.name << " " << mark;
    }
    auto const page = schema::documentation_asset("")->body;
    for (auto const* const mark : {"<style", "style=", "onclick", "onload", "<script>"})
        EXPECT_EQ(page.find(mark), std::string_view::npos) << mark;
}

} // namespace
} // namespace parley::schema_tests
