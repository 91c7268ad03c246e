#include "new_session.hpp"
#include "operations.hpp"

#include "parley/http/field_errors.hpp"
#include "parley/http/json_body.hpp"

#include <string>
#include <utility>

namespace parley::api
{

namespace
{

Problem not_found(std::string_view id)
{
    return http::error_problem("Session not found: " + std::string(id), ProblemCode::session_unknown);
}

} // namespace

Answer session_update_state(Services const& services, routing::Call const& call)
{
    Result<json::Document> const body = co_await http::read_json(call.request);
    if (!body) co_return body.error();
    if (std::optional<Problem> const refused = http::refuse_other_than_object(body->root())) co_return *refused;

    std::optional<json::Value> const state = body->root().find("state");
    if (!state || state->is_falsy()) co_return http::error_problem("Missing 'state' in request");
    if (auto const flaw = find_state_flaw(*state))
        co_return http::error_problem("'state' cannot be stored. " + std::string(*flaw));
    if (!is_possible_session_id(call.parameter)) co_return not_found(call.parameter);

    domain::JsonText stored;
    json::append_compact(stored.text, *state, json::ControlCharacters::drop);
    http::Response response;
    response.body.reserve(stored.text.size() + 32);
    response.body.append(R"({"success":true,"state":)").append(stored.text).append("}");

    Result<void> const updated = co_await services.sessions.update_state(call.principal.team.id, call.parameter,
                                                                         std::move(stored), services.clock.now(), call.deadline);
    if (!updated) co_return updated.error().code == ProblemCode::session_unknown ? not_found(call.parameter) : updated.error();
    co_return response;
}

} // namespace parley::api
