#include "parley/support/promised_exchange.hpp"

#include "parley/core/text.hpp"
#include "parley/schema/documents.hpp"
#include "parley/support/json_schema.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace parley::support
{

namespace json = boost::json;

namespace
{

json::value const& document()
{
    static json::value const parsed = parse_json(schema::openapi_document());
    return parsed;
}

json::value const& follow(json::value const& value)
{
    auto const* const reference = value.is_object() ? value.as_object().if_contains("$ref") : nullptr;
    return reference == nullptr ? value : *find_by_pointer(document(), std::string_view(reference->as_string()).substr(1));
}

std::string_view path_of(std::string_view target)
{
    return target.substr(0, target.find('?'));
}

// "/api/sessions/{id}/" takes any one segment for {id}. A %2F makes a path that nothing matches.
bool matches(std::string_view pattern, std::string_view path)
{
    while (!pattern.empty() && !path.empty())
    {
        auto const expected = pattern.substr(0, pattern.find('/', 1));
        auto const segment = path.substr(0, path.find('/', 1));
        auto const is_parameter = expected.starts_with("/{");
        if (is_parameter ? segment.size() < 2 || to_lower_ascii(segment).find("%2f") != std::string::npos : expected != segment)
            return false;
        pattern.remove_prefix(expected.size());
        path.remove_prefix(segment.size());
    }
    return pattern.empty() && path.empty();
}

json::object const* find_path(std::string_view path)
{
    std::string unversioned(path);
    if (path.starts_with("/api/v1/")) unversioned = "/api/" + std::string(path.substr(8));
    for (auto const& [pattern, item] : document().at("paths").as_object())
        if (matches(pattern, unversioned)) return &item.as_object();
    return nullptr;
}

json::value const* find_operation(std::string_view method, std::string_view path)
{
    auto const* const item = find_path(path);
    return item == nullptr ? nullptr : item->if_contains(method == "HEAD" ? "get" : to_lower_ascii(method));
}

// The answers that any request can get: components/responses, by their x-status.
json::value const* find_shared_response(int status)
{
    for (auto const& [name, response] : document().at("components").at("responses").as_object())
        if (response.at("x-status") == status) return &response;
    return nullptr;
}

json::value const* find_response(json::value const* operation, int status)
{
    if (operation == nullptr) return find_shared_response(status);
    auto const* const response = operation->at("responses").as_object().if_contains(std::to_string(status));
    return response == nullptr ? nullptr : &follow(*response);
}

std::optional<std::string> check_body(json::value const& response, std::string_view body)
{
    auto const* const content = response.as_object().if_contains("content");
    if (content == nullptr) return body.empty() ? std::nullopt : std::optional<std::string>("has a body where none is promised");
    auto const* const media = content->as_object().if_contains("application/json");
    bool const is_page_promised = content->as_object().contains("text/html");
    if (is_page_promised && body.starts_with("<!doctype html>")) return std::nullopt;                        // Whatever it says.
    if (media == nullptr) return is_page_promised ? std::optional<std::string>("is no page") : std::nullopt; // A style: any text.
    boost::system::error_code error;
    json::parse_options options;
    options.max_depth = 2000;
    auto const parsed = json::parse(body, error, {}, options);
    if (error) return "has a body that is not JSON: " + error.message();
    auto const complaints = SchemaValidator(references_within(document())).validate(media->at("schema"), parsed);
    return complaints.empty() ? std::nullopt : std::optional<std::string>(to_text(complaints));
}

} // namespace

std::optional<std::string> validate_exchange(std::string_view method, std::string_view target, int status, std::string_view body)
{
    auto const heading = std::string(method) + " " + std::string(target) + " -> " + std::to_string(status) + ": ";
    auto const* const operation = find_operation(method, path_of(target));
    auto const* const response = find_response(operation, status);
    if (response == nullptr)
        return heading + (operation == nullptr ? "no such answer is promised" : "the operation promises no such answer");
    if (method == "HEAD")
        return body.empty() ? std::nullopt : std::optional<std::string>(heading + "an answer to HEAD has a body");
    auto const complaint = check_body(*response, body);
    return complaint ? std::optional<std::string>(heading + *complaint + "\n" + std::string(body.substr(0, 1000))) : std::nullopt;
}

} // namespace parley::support
