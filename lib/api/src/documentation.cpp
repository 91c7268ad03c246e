#include "operations.hpp"

#include "parley/core/text.hpp"
#include "parley/schema/documents.hpp"

#include <algorithm>
#include <optional>

namespace parley::api
{

namespace
{

// A tool that knows the type by name is given it; a browser would offer such an answer for download, so it gets plain JSON.
std::string_view schema_type(http::Request const& request)
{
    constexpr std::string_view openapi_type = "application/vnd.oai.openapi+json";
    auto const names_it = [&](http::Field const& field)
    { return equal_ignoring_case(field.name, "accept") && to_lower_ascii(field.value).find(openapi_type) != std::string::npos; };
    return std::any_of(request.fields.begin(), request.fields.end(), names_it) ? openapi_type
                                                                               : std::string_view("application/json");
}

Result<http::Response> answer_asset(std::string_view name)
{
    std::optional<schema::Asset> const asset = schema::documentation_asset(name);
    if (!asset) return Problem{ProblemCode::path_unknown};
    http::Response response;
    response.content_type = asset->content_type;
    response.add("Content-Security-Policy", schema::documentation_policy);
    response.document = asset->body;
    return response;
}

} // namespace

Answer schema_retrieve(Services const& /*services*/, routing::Call const& call)
{
    http::Response response;
    response.content_type = schema_type(call.request);
    response.add("Vary", "Accept");
    response.document = schema::openapi_document();
    co_return response;
}

Answer docs_retrieve(Services const& /*services*/, routing::Call const& /*call*/)
{
    co_return answer_asset("");
}

Answer docs_asset(Services const& /*services*/, routing::Call const& call)
{
    co_return answer_asset(call.parameter);
}

} // namespace parley::api
