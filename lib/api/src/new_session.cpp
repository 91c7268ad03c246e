#include "new_session.hpp"

#include "parley/http/text_field.hpp"
#include "parley/schema/limits.hpp"

#include <utility>

namespace parley::api
{

namespace
{

// ---- experiment

std::string not_a_uuid(std::string_view text)
{
    return "\u201C" + std::string(text) + "\u201D is not a valid UUID.";
}

void decode_experiment(std::optional<json::Value> value, NewSessionFields& fields)
{
    constexpr std::string_view field = "experiment";
    if (!value) return fields.errors.add(field, http::sentence::required);
    // An empty text is no choice at all, like null.
    if (value->is_null() || (value->is_string() && value->text().empty())) return fields.errors.add(field, http::sentence::null);
    if (value->is_number()) return fields.errors.add(field, not_a_uuid(value->text()));
    if (!value->is_string())
    {
        return fields.errors.add(field, "Not a valid UUID. Expected a string, but got " + std::string(value->type_word()) + ".");
    }
    if (value->has_lone_surrogate()) return fields.errors.add(field, http::sentence::surrogate);
    fields.experiment_text = value->text();
    fields.experiment = Uuid::parse(fields.experiment_text);
    if (!fields.experiment) fields.errors.add(field, not_a_uuid(fields.experiment_text));
}

// ---- state

void decode_state(std::optional<json::Value> value, NewSessionFields& fields)
{
    constexpr std::string_view field = "state";
    if (!value) return;
    if (value->is_null()) return fields.errors.add(field, http::sentence::null);
    if (auto const flaw = find_state_flaw(*value)) return fields.errors.add(field, *flaw);
    fields.state.clear();
    json::append_compact(fields.state, *value, json::ControlCharacters::drop);
}

} // namespace

std::optional<std::string_view> find_state_flaw(json::Value state)
{
    switch (json::find_flaw(state))
    {
    case json::Flaw::none:
        return std::nullopt;
    case json::Flaw::infinite_number:
        return http::sentence::not_json;
    case json::Flaw::nul_in_key:
        return http::sentence::nul_character;
    case json::Flaw::lone_surrogate:
        return http::sentence::surrogate;
    }
    return http::sentence::not_json;
}

NewSessionFields decode_new_session(json::Value body)
{
    NewSessionFields fields;
    decode_experiment(body.find("experiment"), fields);

    http::TextField participant = http::decode_text(body.find("participant"), schema::participant_identifier_max);
    if (!participant.errors.empty()) fields.errors.add_json("participant", std::move(participant.errors));
    fields.participant = participant.text;

    decode_messages(body.find("messages"), fields.messages, fields.errors);
    decode_state(body.find("state"), fields);
    return fields;
}

} // namespace parley::api
