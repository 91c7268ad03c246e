// How whoever runs a chatbot answers: messages added to a session. New with /api/v2/; what it takes and shows is what create
// takes and retrieve shows.
#include "message_fields.hpp"
#include "operations.hpp"

#include "parley/http/json_body.hpp"
#include "parley/schema/limits.hpp"

#include <string>
#include <utility>
#include <vector>

namespace parley::api
{

namespace
{

Problem not_found()
{
    return Problem{ProblemCode::session_unknown, "No ExperimentSession matches the given query."};
}

std::vector<domain::AddedMessage> to_added(std::vector<MessageFields> const& fields)
{
    std::vector<domain::AddedMessage> messages;
    messages.reserve(fields.size());
    for (MessageFields const& message : fields)
        messages.push_back({message.role, std::string(message.content)});
    return messages;
}

// The field is required here, and bounded: a batch is one transaction that holds the session's row.
http::FieldErrors decode(json::Value body, std::vector<MessageFields>& messages)
{
    constexpr std::string_view field = "messages";
    http::FieldErrors errors;
    auto const value = body.find(field);
    if (!value)
        errors.add(field, http::sentence::required);
    else if (value->is_array() && value->size() == 0)
        errors.add(field, "This list may not be empty.");
    else if (value->is_array() && value->size() > schema::messages_appended_max)
        errors.add(field, "Ensure this field has no more than " + std::to_string(schema::messages_appended_max) + " elements.");
    else
        decode_messages(value, messages, errors);
    return errors;
}

// The links of attachments: messages that are added have none, so nothing is put in their place.
http::Response show(domain::JsonText const& messages)
{
    http::Response response;
    response.status = 201;
    response.body.append(R"({"messages":[)").append(messages.text).append("]}");
    return response;
}

} // namespace

Answer session_append_messages(Services const& services, routing::Call const& call)
{
    Result<json::Document> const body = co_await http::read_json(call.request);
    if (!body) co_return body.error();
    if (std::optional<Problem> const refused = http::refuse_other_than_object(body->root())) co_return *refused;
    std::vector<MessageFields> fields;
    http::FieldErrors const errors = decode(body->root(), fields);
    if (!errors.empty()) co_return errors.to_problem();
    if (!is_possible_session_id(call.parameter)) co_return not_found();

    std::vector<domain::AddedMessage> messages = to_added(fields);
    Result<domain::JsonText> const added = co_await services.sessions.append_messages(
        call.principal.team.id, call.parameter, std::move(messages), services.clock.now(), call.deadline);
    if (!added) co_return added.error().code == ProblemCode::session_unknown ? not_found() : added.error();
    co_return show(*added);
}

} // namespace parley::api
