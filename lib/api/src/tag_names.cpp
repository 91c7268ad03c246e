#include "tag_names.hpp"

#include "parley/core/text.hpp"
#include "parley/http/field_errors.hpp"
#include "parley/http/json_body.hpp"
#include "parley/schema/limits.hpp"

#include <optional>
#include <unordered_set>

namespace parley::api
{

namespace
{

Problem not_found(std::string_view id)
{
    return http::error_problem("Session not found: " + std::string(id), ProblemCode::session_unknown);
}

// Why a name cannot be a tag's, or nothing.
std::optional<Problem> refuse_name(json::Value name, TagLength length)
{
    if (name.has_lone_surrogate()) return http::error_problem("'tags' must not contain surrogate characters");
    if (name.text().find('\0') != std::string_view::npos) return http::error_problem("'tags' must not contain null characters");
    if (length == TagLength::limited && count_code_points(name.text()) > schema::tag_name_max)
    {
        return http::error_problem("'tags' must be strings of at most " + std::to_string(schema::tag_name_max) + " characters");
    }
    return std::nullopt;
}

} // namespace

Result<std::vector<std::string>> decode_tag_names(json::Value body, TagLength length)
{
    std::optional<json::Value> const tags = body.find("tags");
    if (!tags || tags->is_falsy()) return http::error_problem("Missing 'tags' in request");
    if (!tags->is_array()) return http::error_problem("'tags' must be a list");
    for (json::Value const name : *tags)
    {
        if (!name.is_string() || is_blank(name.text())) return http::error_problem("'tags' must be a list of non-empty strings");
    }

    std::vector<std::string> names;
    std::unordered_set<std::string_view> seen;
    for (json::Value const name : *tags)
    {
        if (std::optional<Problem> refused = refuse_name(name, length)) return *std::move(refused);
        if (seen.insert(name.text()).second) names.emplace_back(name.text());
    }
    return names;
}

boost::asio::awaitable<Result<std::vector<std::string>>> read_tag_names(routing::Call const& call, TagLength length)
{
    Result<json::Document> const body = co_await http::read_json(call.request);
    if (!body) co_return body.error();
    if (std::optional<Problem> const refused = http::refuse_other_than_object(body->root())) co_return *refused;

    Result<std::vector<std::string>> names = decode_tag_names(body->root(), length);
    if (names && !is_possible_session_id(call.parameter)) co_return not_found(call.parameter);
    co_return names;
}

Result<http::Response> answer_tags(Result<domain::JsonText> const& names, std::string_view id)
{
    if (!names) return names.error().code == ProblemCode::session_unknown ? not_found(id) : names.error();
    http::Response response;
    response.body.append(R"({"tags":)").append(names->text).append("}");
    return response;
}

} // namespace parley::api
