#include "operations.hpp"

#include "parley/http/field_errors.hpp"
#include "parley/http/json_body.hpp"

namespace parley::api
{

namespace
{

// The braces are what clients have always been sent.
Problem not_found()
{
    return http::error_problem("Session not found:{id}", ProblemCode::session_unknown);
}

} // namespace

Answer session_end_experiment_session(Services const& services, routing::Call const& call)
{
    // What the body says does not matter, but it has to be JSON.
    Result<json::Document> const body = co_await http::read_json(call.request);
    if (!body) co_return body.error();
    if (!is_possible_session_id(call.parameter)) co_return not_found();

    Result<void> const ended =
        co_await services.sessions.end(call.principal.team.id, call.parameter, services.clock.now(), call.deadline);
    if (!ended) co_return ended.error().code == ProblemCode::session_unknown ? not_found() : ended.error();
    co_return http::Response();
}

} // namespace parley::api
