#include "parley/support/api_client.hpp"

#include "parley/core/json.hpp"

#include <stdexcept>

namespace parley::support
{

HttpRequest ApiClient::request(std::string method, std::string target, std::optional<std::string> json) const
{
    HttpRequest request{
        .method = std::move(method), .target = std::move(target), .fields = {{"X-api-key", key_}}, .body = std::move(json)};
    if (request.body) request.fields.emplace_back("Content-Type", "application/json");
    return request;
}

HttpAnswer ApiClient::call(std::string method, std::string target, std::optional<std::string> json) const
{
    return service_->exchange(request(std::move(method), std::move(target), std::move(json)));
}

std::string ApiClient::create(std::string_view experiment, std::string_view body_rest) const
{
    HttpAnswer const answer =
        post("/api/sessions/", R"({"experiment":")" + std::string(experiment) + R"(","participant":"visitor@small.example")" +
                                   std::string(body_rest) + "}");
    if (answer.status != 201) throw std::runtime_error("create: " + std::to_string(answer.status) + " " + answer.body);
    return member_of(answer.body, "id");
}

std::string member_of(std::string const& json, std::string_view name)
{
    auto const document = json::Document::parse(json);
    auto const found = document && document->root().is_object() ? document->root().find(name) : std::nullopt;
    return found && (found->is_string() || found->is_number()) ? std::string(found->text()) : std::string();
}

} // namespace parley::support
