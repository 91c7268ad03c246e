#include "start_fields.hpp"

#include "parley/core/text.hpp"
#include "parley/http/text_field.hpp"

#include <charconv>
#include <string_view>

namespace parley::chat
{

namespace
{

namespace sentence = http::sentence;

void decode_chatbot(std::optional<json::Value> value, StartFields& fields)
{
    fields.has_chatbot = value.has_value();
    if (!value) return fields.errors.add("chatbot_id", sentence::required);
    if (value->is_null()) return fields.errors.add("chatbot_id", sentence::null);
    if (value->is_string() && !value->has_lone_surrogate()) fields.chatbot = Uuid::parse(value->text());
    if (!fields.chatbot) fields.errors.add("chatbot_id", "Must be a valid UUID.");
}

void decode_version(std::optional<json::Value> value, StartFields& fields)
{
    if (!value || value->is_null()) return;
    if (value->is_string() || (value->is_number() && value->is_integer()))
    {
        auto const text = trim(value->text());
        std::int64_t number = 0;
        auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (error == std::errc() && end == text.data() + text.size() && !text.empty())
        {
            fields.version = number;
            return;
        }
    }
    fields.errors.add("version_number", "A valid integer is required.");
}

void decode_text_field(json::Value body, std::string_view name, std::string& text, StartFields& fields)
{
    auto field = http::decode_text(body.find(name), remote_id_max);
    if (!field.errors.empty())
        fields.errors.add_json(name, std::move(field.errors));
    else if (field.text)
        text = *field.text;
}

void decode_session_data(std::optional<json::Value> value, StartFields& fields)
{
    constexpr std::string_view field = "session_data";
    if (!value) return;
    if (value->is_null()) return fields.errors.add(field, sentence::null);
    if (!value->is_object())
        return fields.errors.add(field,
                                 "Expected a dictionary of items but got type \"" + std::string(value->type_word()) + "\".");
    if (json::find_flaw(*value) != json::Flaw::none) return fields.errors.add(field, sentence::not_json);
    if (value->size() > 0) json::append_compact(fields.session_data, *value, json::ControlCharacters::drop);
}

} // namespace

StartFields decode_start(json::Value body)
{
    StartFields fields;
    decode_chatbot(body.find("chatbot_id"), fields);
    decode_version(body.find("version_number"), fields);
    decode_session_data(body.find("session_data"), fields);
    decode_text_field(body, "participant_remote_id", fields.remote_id, fields);
    decode_text_field(body, "participant_name", fields.name, fields);
    return fields;
}

} // namespace parley::chat
