// The body of session_create, decoded. Pure.
#pragma once

#include "message_fields.hpp"

#include "parley/core/identifier.hpp"
#include "parley/core/json.hpp"
#include "parley/domain/session.hpp"
#include "parley/http/field_errors.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace parley::api
{

// What was sent. Views into the document.
struct NewSessionFields
{
    std::string_view experiment_text;            // As it was spelled.
    std::optional<Uuid> experiment;              // Nothing only where errors names the field.
    std::optional<std::string_view> participant; // Trimmed; nothing where the field was not sent.
    std::vector<MessageFields> messages;
    std::string state = "{}"; // As it is stored: compact, without control characters.
    http::FieldErrors errors; // Of all fields at once.
};

// The body is an object. Everything but the four fields is ignored, also inside messages.
[[nodiscard]] NewSessionFields decode_new_session(json::Value body);

// Why a state cannot be stored, or nothing.
[[nodiscard]] std::optional<std::string_view> find_state_flaw(json::Value state);

} // namespace parley::api
