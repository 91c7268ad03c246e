#include "message_fields.hpp"

#include "legacy_spelling.hpp"

#include "parley/http/text_field.hpp"

#include <string>

namespace parley::api
{

namespace
{

// The errors of one message as an object, empty where there are none.
http::FieldErrors decode_message(json::Value message, MessageFields& fields)
{
    http::FieldErrors errors;
    std::optional<json::Value> const role = message.find("role");
    if (!role)
        errors.add("role", http::sentence::required);
    else if (role->is_null())
        errors.add("role", http::sentence::null);
    else if (role->is_string() && role->has_lone_surrogate())
        errors.add("role", http::sentence::surrogate);
    else if (auto const known = role->is_string() ? domain::role_from_word(role->text()) : std::nullopt)
        fields.role = *known;
    else
        errors.add("role", "\"" + to_legacy_text(*role) + "\" is not a valid choice.");

    http::TextField const content = http::decode_text(message.find("content"));
    if (!content.errors.empty())
        errors.add_json("content", content.errors);
    else if (!content.text)
        errors.add("content", http::sentence::required);
    else
        fields.content = *content.text;
    return errors;
}

// The errors of one element of the list as JSON: {} where it is good.
std::string decode_element(json::Value element, MessageFields& fields, bool& is_good)
{
    is_good = false;
    if (element.is_null()) return http::to_json_array({http::sentence::null});
    if (!element.is_object())
    {
        http::FieldErrors errors;
        errors.add("non_field_errors", "Invalid data. Expected a dictionary, but got " + std::string(element.type_word()) + ".");
        return errors.to_json();
    }
    http::FieldErrors const errors = decode_message(element, fields);
    is_good = errors.empty();
    return errors.to_json();
}

} // namespace

void decode_messages(std::optional<json::Value> value, std::vector<MessageFields>& messages, http::FieldErrors& found)
{
    constexpr std::string_view field = "messages";
    if (!value) return;
    if (value->is_null()) return found.add(field, http::sentence::null);
    if (!value->is_array())
    {
        http::FieldErrors errors;
        errors.add("non_field_errors", "Expected a list of items but got type \"" + std::string(value->type_word()) + "\".");
        return found.add_json(field, errors.to_json());
    }

    std::string errors = "[";
    bool all_good = true;
    messages.reserve(value->size());
    for (json::Value const element : *value)
    {
        bool is_good = false;
        if (errors.size() > 1) errors += ',';
        errors += decode_element(element, messages.emplace_back(), is_good);
        all_good = all_good && is_good;
    }
    if (!all_good) found.add_json(field, errors + "]");
}

} // namespace parley::api
