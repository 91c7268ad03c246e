#include "new_session.hpp"
#include "operations.hpp"
#include "session_document.hpp"

#include "parley/domain/message_document.hpp"
#include "parley/http/json_body.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

namespace parley::api
{

namespace
{

std::string unknown_experiment(std::string_view spelling)
{
    return http::to_json_array({"Object with public_id=" + std::string(spelling) + " does not exist."});
}

// What the store says of the chatbot, in the words of a create.
Problem explain(Problem problem, std::string_view spelling)
{
    if (problem.code == ProblemCode::experiment_unknown)
    {
        problem.body = R"({"experiment":)" + unknown_experiment(spelling) + "}";
    }
    if (problem.code == ProblemCode::experiment_elsewhere) problem.detail = "Experiment not found";
    return problem;
}

// The body is refused: for all its errors at once, an unknown chatbot among them.
boost::asio::awaitable<Problem> refuse(Services const& services, routing::Call const& call, NewSessionFields& fields)
{
    if (fields.experiment)
    {
        Result<void> const known =
            co_await services.sessions.check_experiment(call.principal.team.id, *fields.experiment, call.deadline);
        if (!known && known.error().code == ProblemCode::experiment_unknown)
        {
            fields.errors.add_json_first("experiment", unknown_experiment(fields.experiment_text));
        }
        else if (!known && fields.errors.empty())
        {
            co_return explain(known.error(), fields.experiment_text);
        }
    }
    if (!fields.errors.empty()) co_return fields.errors.to_problem();
    // Not a list, unlike every other field's error: so it always was.
    co_return Problem{.code = ProblemCode::field_invalid, .body = R"({"participant":"This field is required."})"};
}

domain::NewSession to_new_session(NewSessionFields&& fields, std::string_view participant, domain::TeamId team, Timestamp now)
{
    domain::NewSession session;
    session.team_id = team;
    session.id = make_uuid(now).str();
    session.experiment = *fields.experiment;
    session.participant_identifier = participant;
    session.state.text = std::move(fields.state);
    session.created_at = now;
    session.messages.reserve(fields.messages.size());
    Timestamp created_at = now;
    for (MessageFields const& message : fields.messages)
    {
        domain::MessageParts parts;
        parts.created_at = created_at;
        parts.role = message.role;
        parts.content = message.content;
        session.messages.push_back(domain::NewMessage{.created_at = created_at, .rendered = domain::render_message(parts)});
        // Each message has a moment of its own, so that whoever asks for what came "since" one of them misses none.
        created_at += std::chrono::microseconds(1);
    }
    return session;
}

} // namespace

Answer session_create(Services const& services, routing::Call const& call)
{
    Result<json::Document> const body = co_await http::read_json(call.request);
    if (!body) co_return body.error();
    if (std::optional<Problem> const refused = http::refuse_other_than_object(body->root())) co_return *refused;

    NewSessionFields fields = decode_new_session(body->root());
    std::optional<std::string> const& email = call.principal.user_email;
    bool const has_participant = fields.participant.has_value() || email.has_value();
    if (!fields.errors.empty() || !has_participant) co_return co_await refuse(services, call, fields);

    std::string_view const spelling = fields.experiment_text;
    std::string_view const participant = fields.participant ? *fields.participant : std::string_view(*email);
    domain::NewSession session = to_new_session(std::move(fields), participant, call.principal.team.id, services.clock.now());
    Result<domain::Session> const created = co_await services.sessions.create(std::move(session), call.deadline);
    if (!created) co_return explain(created.error(), spelling);

    SessionEncoder encoder(call.principal.team, call.base_url, services.platform_url(call));
    http::Response response;
    response.status = 201;
    response.add("Location", session_url(call.base_url, created->id));
    response.body.reserve(encoder.estimate(*created));
    encoder.append(response.body, *created);
    co_return response;
}

} // namespace parley::api
