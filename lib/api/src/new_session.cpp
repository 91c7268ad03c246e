#include "new_session.hpp"

#include "legacy_spelling.hpp"
#include "text_field.hpp"

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
    if (!value) return fields.errors.add(field, sentence::required);
    // An empty text is no choice at all, like null.
    if (value->is_null() || (value->is_string() && value->text().empty())) return fields.errors.add(field, sentence::null);
    if (value->is_number()) return fields.errors.add(field, not_a_uuid(value->text()));
    if (!value->is_string())
    {
        return fields.errors.add(field, "Not a valid UUID. Expected a string, but got " + std::string(value->type_word()) + ".");
    }
    if (value->has_lone_surrogate()) return fields.errors.add(field, sentence::surrogate);
    fields.experiment_text = value->text();
    fields.experiment = Uuid::parse(fields.experiment_text);
    if (!fields.experiment) fields.errors.add(field, not_a_uuid(fields.experiment_text));
}

// ---- messages

// The errors of one message as an object, empty where there are none.
FieldErrors decode_message(json::Value message, MessageFields& fields)
{
    FieldErrors errors;
    std::optional<json::Value> const role = message.find("role");
    if (!role)
        errors.add("role", sentence::required);
    else if (role->is_null())
        errors.add("role", sentence::null);
    else if (role->is_string() && role->has_lone_surrogate())
        errors.add("role", sentence::surrogate);
    else if (auto const known = role->is_string() ? domain::role_from_word(role->text()) : std::nullopt)
        fields.role = *known;
    else
        errors.add("role", "\"" + to_legacy_text(*role) + "\" is not a valid choice.");

    TextField const content = decode_text(message.find("content"));
    if (!content.errors.empty())
        errors.add_json("content", content.errors);
    else if (!content.text)
        errors.add("content", sentence::required);
    else
        fields.content = *content.text;
    return errors;
}

// The errors of one element of the list as JSON: {} where it is good.
std::string decode_element(json::Value element, MessageFields& fields, bool& is_good)
{
    is_good = false;
    if (element.is_null()) return to_json_array({sentence::null});
    if (!element.is_object())
    {
        FieldErrors errors;
        errors.add("non_field_errors", "Invalid data. Expected a dictionary, but got " + std::string(element.type_word()) + ".");
        return errors.to_json();
    }
    FieldErrors const errors = decode_message(element, fields);
    is_good = errors.empty();
    return errors.to_json();
}

void decode_messages(std::optional<json::Value> value, NewSessionFields& fields)
{
    constexpr std::string_view field = "messages";
    if (!value) return;
    if (value->is_null()) return fields.errors.add(field, sentence::null);
    if (!value->is_array())
    {
        FieldErrors errors;
        errors.add("non_field_errors", "Expected a list of items but got type \"" + std::string(value->type_word()) + "\".");
        return fields.errors.add_json(field, errors.to_json());
    }

    std::string errors = "[";
    bool all_good = true;
    fields.messages.reserve(value->size());
    for (json::Value const element : *value)
    {
        bool is_good = false;
        if (errors.size() > 1) errors += ',';
        errors += decode_element(element, fields.messages.emplace_back(), is_good);
        all_good = all_good && is_good;
    }
    if (!all_good) fields.errors.add_json(field, errors + "]");
}

// ---- state

void decode_state(std::optional<json::Value> value, NewSessionFields& fields)
{
    constexpr std::string_view field = "state";
    if (!value) return;
    if (value->is_null()) return fields.errors.add(field, sentence::null);
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
        return sentence::not_json;
    case json::Flaw::nul_in_key:
        return sentence::nul_character;
    case json::Flaw::lone_surrogate:
        return sentence::surrogate;
    }
    return sentence::not_json;
}

NewSessionFields decode_new_session(json::Value body)
{
    NewSessionFields fields;
    decode_experiment(body.find("experiment"), fields);

    TextField participant = decode_text(body.find("participant"), schema::participant_identifier_max);
    if (!participant.errors.empty()) fields.errors.add_json("participant", std::move(participant.errors));
    fields.participant = participant.text;

    decode_messages(body.find("messages"), fields);
    decode_state(body.find("state"), fields);
    return fields;
}

} // namespace parley::api
