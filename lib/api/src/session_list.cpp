#include "list_request.hpp"
#include "operations.hpp"
#include "session_document.hpp"

#include "parley/core/json.hpp"

#include <string>
#include <utility>
#include <vector>

namespace parley::api
{

namespace
{

void append_link(std::string& out, routing::Call const& call, std::vector<routing::QueryParameter> const& parameters,
                 std::optional<domain::Cursor> const& cursor)
{
    if (cursor)
        json::append_string(out, page_url(call.base_url, call.request.path, parameters, *cursor));
    else
        out += "null";
}

std::string encode_page(domain::Page const& page, std::vector<routing::QueryParameter> const& parameters,
                        routing::Call const& call, std::string_view platform_url)
{
    SessionEncoder encoder(call.principal.team, call.base_url, platform_url);
    std::size_t bytes = 1024;
    for (domain::Session const& session : page.sessions)
        bytes += encoder.estimate(session);
    std::string out;
    out.reserve(bytes);

    out += R"({"next":)";
    append_link(out, call, parameters, page.next);
    out += R"(,"previous":)";
    append_link(out, call, parameters, page.previous);
    out += R"(,"results":[)";
    for (std::size_t i = 0; i < page.sessions.size(); ++i)
    {
        if (i > 0) out += ',';
        encoder.append(out, page.sessions[i]);
    }
    out += ']';
    if (page.count)
    {
        out += R"(,"count":)";
        out += std::to_string(*page.count);
    }
    out += '}';
    return out;
}

} // namespace

Answer session_list(Services const& services, routing::Call const& call)
{
    std::vector<routing::QueryParameter> const parameters = routing::parse_query(call.request.query);
    Result<domain::ListQuery> query = decode_list_query(parameters, call.principal.team.id);
    if (!query) co_return query.error();

    Result<domain::Page> const page = co_await services.sessions.list(std::move(*query), call.deadline);
    if (!page) co_return page.error();

    http::Response response;
    response.body = encode_page(*page, parameters, call, services.platform_url(call));
    co_return response;
}

} // namespace parley::api
