// Every example is what the document promises, and the document shows the examples that are kept as files.
#include "promises.hpp"

#include <gtest/gtest.h>

#include <set>

namespace parley::schema_tests
{
namespace
{

namespace json = boost::json;

support::Complaints validate(json::value const& schema, json::value const& value)
{
    return support::SchemaValidator(support::references_within(document())).validate(schema, value);
}

json::value const* json_media(json::value const& message)
{
    auto const* const content = message.as_object().if_contains("content");
    return content == nullptr ? nullptr : content->as_object().if_contains("application/json");
}

// What a request's body is, JSON or a form; an example has the form's fields as an object.
json::value const* body_media(json::value const& message)
{
    if (auto const* const media = json_media(message)) return media;
    auto const* const content = message.as_object().if_contains("content");
    return content == nullptr ? nullptr : content->as_object().if_contains("application/x-www-form-urlencoded");
}

TEST(Examples, are_there_for_every_operation)
{
    std::set<std::string> having;
    for (auto const& example : example_files())
        having.insert(example.operation_id);
    for (auto const& operation : promised_operations())
        EXPECT_TRUE(having.erase(operation.id) == 1) << operation.id;
    EXPECT_TRUE(having.empty()) << *having.begin() << " is no operation";
}

TEST(Examples, ask_with_the_method_of_their_operation)
{
    for (auto const& example : example_files())
        EXPECT_EQ(example.content.at("request").at("method"), json::value(promised_operation(example.operation_id).method))
            << example.operation_id << "/" << example.name;
}

TEST(Examples, that_succeed_ask_as_promised)
{
    for (auto const& example : example_files())
    {
        auto const& operation = *promised_operation(example.operation_id).content;
        auto const* const body = example.content.at("request").as_object().if_contains("body");
        if (body == nullptr || example.content.at("response").at("status").to_number<int>() >= 400) continue;
        auto const& schema = body_media(operation.at("requestBody"))->at("schema");
        EXPECT_EQ(validate(schema, *body), support::Complaints{}) << example.operation_id << "/" << example.name;
    }
}

TEST(Examples, are_answered_as_promised)
{
    for (auto const& example : example_files())
    {
        auto const name = example.operation_id + "/" + example.name;
        auto const& response = example.content.at("response").as_object();
        auto const status = std::to_string(response.at("status").to_number<int>());
        auto const* const promised =
            promised_operation(example.operation_id).content->at("responses").as_object().if_contains(status);
        ASSERT_NE(promised, nullptr) << name << " " << status;
        auto const* const media = json_media(follow(*promised));
        auto const* const body = response.if_contains("body");
        if (body == nullptr) continue;
        ASSERT_NE(media, nullptr) << name << " has a body where none is promised";
        EXPECT_EQ(validate(media->at("schema"), *body), support::Complaints{}) << name;
    }
}

// The document shows the answers and the requests that the files hold: the file of that name says the same.
TEST(Examples, of_the_document_are_the_files)
{
    std::map<std::string, json::value const*> files;
    for (auto const& example : example_files())
        files.emplace(example.operation_id + "/" + example.name, &example.content);
    auto const compare = [&](PromisedOperation const& operation, json::value const& message, std::string_view side)
    {
        auto const* const media = body_media(message);
        if (media == nullptr || !media->as_object().contains("examples")) return;
        for (auto const& [name, example] : media->at("examples").as_object())
        {
            auto const file = files.find(operation.id + "/" + std::string(name));
            ASSERT_NE(file, files.end()) << operation.id << "/" << name << " has no file";
            EXPECT_EQ(example.at("value"), file->second->at(side).at("body")) << operation.id << "/" << name;
        }
    };
    for (auto const& operation : promised_operations())
    {
        if (auto const* const body = operation.content->as_object().if_contains("requestBody"))
            compare(operation, *body, "request");
        for (auto const& [status, response] : operation.content->at("responses").as_object())
            if (!response.as_object().contains("$ref")) compare(operation, response, "response");
    }
}

TEST(Examples, of_shared_answers_are_valid)
{
    for (auto const& [name, response] : document().at("components").at("responses").as_object())
    {
        auto const* const media = json_media(response);
        if (media == nullptr || !media->as_object().contains("examples")) continue;
        for (auto const& [example, content] : media->at("examples").as_object())
            EXPECT_EQ(validate(media->at("schema"), content.at("value")), support::Complaints{}) << name << "/" << example;
    }
}

} // namespace
} // namespace parley::schema_tests
