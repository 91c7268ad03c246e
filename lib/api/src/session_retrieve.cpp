#include "operations.hpp"
#include "session_document.hpp"

#include <string>

namespace parley::api
{

namespace
{

Problem not_found()
{
    return Problem{ProblemCode::session_unknown, "No ExperimentSession matches the given query."};
}

} // namespace

Answer session_retrieve(Services const& services, routing::Call const& call)
{
    if (!is_possible_session_id(call.parameter)) co_return not_found();

    Result<domain::Transcript> const transcript =
        co_await services.sessions.retrieve(call.principal.team.id, call.parameter, call.deadline);
    if (!transcript) co_return transcript.error().code == ProblemCode::session_unknown ? not_found() : transcript.error();

    SessionEncoder encoder(call.principal.team, call.base_url, services.platform_url(call));
    http::Response response;
    response.body.reserve(encoder.estimate(transcript->session) + transcript->messages.text.size() +
                          transcript->usage.text.size());
    encoder.append(response.body, *transcript);
    co_return response;
}

} // namespace parley::api
