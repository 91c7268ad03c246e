#include "endpoints.hpp"
#include "remote_context.hpp"

#include "parley/http/field_errors.hpp"
#include "parley/http/json_body.hpp"
#include "parley/http/text_field.hpp"

#include <utility>

namespace parley::chat
{

namespace
{

namespace sentence = http::sentence;

struct MessageFields
{
    std::string text;
    std::string context; // The text of an object; empty where none was sent.
    http::FieldErrors errors;
};

void decode_context(std::optional<json::Value> value, MessageFields& fields)
{
    constexpr std::string_view field = "context";
    if (!value) return;
    if (value->is_null()) return fields.errors.add(field, sentence::null);
    if (!value->is_object())
        return fields.errors.add(field,
                                 "Expected a dictionary of items but got type \"" + std::string(value->type_word()) + "\".");
    if (json::find_flaw(*value) != json::Flaw::none) return fields.errors.add(field, sentence::not_json);
    json::append_compact(fields.context, *value, json::ControlCharacters::drop);
}

MessageFields decode(json::Value body)
{
    MessageFields fields;
    auto const message = body.find("message");
    auto text = http::decode_text(message);
    if (!text.errors.empty())
        fields.errors.add_json("message", std::move(text.errors));
    else if (!text.text)
        fields.errors.add("message", sentence::required);
    else
        fields.text = *text.text;
    decode_context(body.find("context"), fields);
    return fields;
}

StateChange change_of(std::string context)
{
    if (context.empty()) return {};
    return [context = std::move(context)](std::string_view state) { return with_remote_context(state, context); };
}

// Nobody here waits for an answer under this id: it comes through the poll. Clients keep it all the same.
http::Response accepted(Timestamp now)
{
    http::Response response{.status = 202};
    response.body.append(R"({"task_id":")").append(make_uuid(now).text()).append(R"(","status":"processing"})");
    return response;
}

} // namespace

Answer chat_message(Services const& services, routing::Call const& call)
{
    auto const session = co_await enter(services, call);
    if (!session) co_return session.error();
    auto const body = co_await http::read_json(call.request);
    if (!body) co_return body.error();
    if (auto const refused = http::refuse_other_than_object(body->root())) co_return *refused;
    auto fields = decode(body->root());
    if (!fields.errors.empty()) co_return fields.errors.to_problem();
    auto const* channel = session->channel();
    if (channel != nullptr && !channel->is_enabled) co_return refusal(ProblemCode::permission_denied, channel->disabled_message);

    auto const now = services.clock.now();
    auto change = change_of(std::move(fields.context));
    auto const added = co_await services.store.add_message(session->team_id, session->id, std::move(fields.text),
                                                           std::move(change), now, call.deadline);
    if (!added) co_return added.error();
    if (!*added) co_return refusal(ProblemCode::field_invalid, "Session has ended");
    co_return accepted(now);
}

} // namespace parley::chat
