// OPTIONS: what a resource is called and what it speaks, in the words that the API has always used.
#include "operations.hpp"

#include "parley/auth/principal.hpp"

#include <string_view>

namespace parley::api
{

namespace
{

// What a create takes and gives. It describes the answer rather than the request, and so it always has: clients that read it rely
// on its words, the documentation at /api/schema/ is the better source.
constexpr std::string_view create_fields =
    R"("url":{"type":"field","required":false,"read_only":true,"label":"Url"})"
    R"(,"id":{"type":"field","required":false,"read_only":true,"label":"Id"})"
    R"(,"team":{"type":"nested object","required":false,"read_only":true,"label":"Team")"
    R"(,"children":{"name":{"type":"string","required":true,"read_only":false,"label":"Name","max_length":100})"
    R"(,"slug":{"type":"slug","required":true,"read_only":false,"label":"Slug","max_length":50}}})"
    R"(,"experiment":{"type":"nested object","required":false,"read_only":true,"label":"Experiment")"
    R"(,"children":{"id":{"type":"string","required":true,"read_only":false,"label":"Id"},"name":{"type":"string")"
    R"(,"required":true,"read_only":false,"label":"Name","max_length":128},"description":{"type":"string")"
    R"(,"required":false,"read_only":false,"label":"A longer description of the experiment."},"url":{"type":"field")"
    R"(,"required":false,"read_only":true,"label":"API URL"},"version_number":{"type":"integer","required":false)"
    R"(,"read_only":false,"label":"Version number","min_value":0,"max_value":2147483647}}})"
    R"(,"participant":{"type":"nested object","required":false,"read_only":true,"label":"Participant")"
    R"(,"children":{"identifier":{"type":"string","required":false,"read_only":false,"label":"Identifier")"
    R"(,"max_length":320},"remote_id":{"type":"string","required":false,"read_only":false,"label":"Remote id")"
    R"(,"max_length":255}}})"
    R"(,"created_at":{"type":"datetime","required":false,"read_only":true,"label":"Created at"})"
    R"(,"updated_at":{"type":"datetime","required":false,"read_only":true,"label":"Updated at"})"
    R"(,"status":{"type":"choice","required":false,"read_only":false,"label":"Status","choices":[{"value":"setup")"
    R"(,"display_name":"Setting Up"},{"value":"pending","display_name":"Awaiting participant"},{"value":"active")"
    R"(,"display_name":"Active"},{"value":"pending-review","display_name":"Awaiting final review."})"
    R"(,{"value":"complete","display_name":"Complete"},{"value":"unknown","display_name":"Unknown"}]})"
    R"(,"platform":{"type":"string","required":false,"read_only":false,"label":"Platform","max_length":128})"
    R"(,"tags":{"type":"list","required":true,"read_only":false,"label":"Tags","child":{"type":"string")"
    R"(,"required":true,"read_only":false}})"
    R"(,"state":{"type":"field","required":false,"read_only":false,"label":"State"})";

http::Response describe(std::string_view name)
{
    http::Response response;
    response.body = R"({"name":")";
    response.body += name;
    response.body += R"(","description":"","renders":["application/json"],"parses":["application/json"])";
    return response;
}

http::Response describe_only(std::string_view name)
{
    http::Response response = describe(name);
    response.body += '}';
    return response;
}

} // namespace

Answer session_list_options(Services const& /*services*/, routing::Call const& call)
{
    http::Response response = describe("Experiment Session List");
    bool const may_create = !auth::permit(call.principal, http::Method::post).has_value();
    if (may_create) response.body.append(R"(,"actions":{"POST":{)").append(create_fields).append("}}");
    response.body += '}';
    co_return response;
}

Answer session_retrieve_options(Services const& /*services*/, routing::Call const& /*call*/)
{
    co_return describe_only("Experiment Session Instance");
}

Answer session_end_experiment_session_options(Services const& /*services*/, routing::Call const& /*call*/)
{
    co_return describe_only("End experiment session");
}

Answer session_update_state_options(Services const& /*services*/, routing::Call const& /*call*/)
{
    co_return describe_only("Update state");
}

Answer session_tags_options(Services const& /*services*/, routing::Call const& /*call*/)
{
    co_return describe_only("Tags");
}

Answer session_append_messages_options(Services const& /*services*/, routing::Call const& /*call*/)
{
    co_return describe_only("Messages");
}

} // namespace parley::api
