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

// Which session a create makes.
struct Place
{
    std::string session_id;
    Timestamp created_at;
    bool is_repeat = false; // It was chosen for an earlier request.
};

Place make_place(Timestamp now)
{
    return {.session_id = make_uuid(now).str(), .created_at = now};
}

domain::NewSession to_new_session(NewSessionFields&& fields, std::string_view participant, domain::TeamId team,
                                  Place const& place)
{
    auto const now = place.created_at;
    domain::NewSession session;
    session.team_id = team;
    session.id = place.session_id;
    session.experiment = *fields.experiment;
    session.participant_identifier = participant;
    session.state.text = std::move(fields.state);
    session.created_at = now;
    session.is_repeat = place.is_repeat;
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

// The session that the key stands for. Whose session it becomes is part of what was asked.
boost::asio::awaitable<Result<Place>> reserve(Services const& services, routing::Call const& call, Sha256 const& key,
                                              std::string_view participant)
{
    auto const body = co_await call.request.body->read();
    if (!body) co_return body.error();
    std::string request(participant);
    request.append(1, '\0').append(*body);
    Place const fresh = make_place(services.clock.now());
    domain::Reservation const wish{.request = sha256(request), .session_id = fresh.session_id, .created_at = fresh.created_at};
    auto const kept = co_await services.sessions.reserve(call.principal.team.id, key, wish, call.deadline);
    if (!kept) co_return kept.error();
    if (kept->request != wish.request) co_return Problem{ProblemCode::idempotency_key_reused};
    co_return Place{
        .session_id = kept->session_id, .created_at = kept->created_at, .is_repeat = kept->session_id != wish.session_id};
}

// A chatbot that cannot be talked to: the caller corrects the request and may do so under the same key.
bool is_callers_mistake(ProblemCode code)
{
    return code == ProblemCode::experiment_unknown || code == ProblemCode::experiment_elsewhere ||
           code == ProblemCode::store_refused;
}

} // namespace

Answer session_create(Services const& services, routing::Call const& call)
{
    Result<std::optional<Sha256>> const key = read_idempotency_key(call.request);
    if (!key) co_return key.error();
    Result<json::Document> const body = co_await http::read_json(call.request);
    if (!body) co_return body.error();
    if (std::optional<Problem> const refused = http::refuse_other_than_object(body->root())) co_return *refused;

    NewSessionFields fields = decode_new_session(body->root());
    std::optional<std::string> const& email = call.principal.user_email;
    bool const has_participant = fields.participant.has_value() || email.has_value();
    if (!fields.errors.empty() || !has_participant) co_return co_await refuse(services, call, fields);

    std::string_view const spelling = fields.experiment_text;
    std::string_view const participant = fields.participant ? *fields.participant : std::string_view(*email);
    domain::TeamId const team = call.principal.team.id;
    KeysInUse::Use in_use;
    Result<Place> place = make_place(services.clock.now());
    if (*key)
    {
        Result<KeysInUse::Use> use = services.keys_in_use.use(team, **key);
        if (!use) co_return use.error();
        in_use = std::move(*use);
        place = co_await reserve(services, call, **key, participant);
        if (!place) co_return place.error();
    }
    domain::NewSession session = to_new_session(std::move(fields), participant, team, *place);
    Result<domain::Session> const created = co_await services.sessions.create(std::move(session), call.deadline);
    if (!created && *key && is_callers_mistake(created.error().code))
    {
        // Should it fail, the key still stands for this request, which may be sent again.
        [[maybe_unused]] Result<void> const released = co_await services.sessions.release(team, **key, call.deadline);
    }
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
