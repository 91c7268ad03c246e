// The body of chat_start, decoded. Pure.
#pragma once

#include "parley/core/identifier.hpp"
#include "parley/core/json.hpp"
#include "parley/http/field_errors.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace parley::chat
{

inline constexpr std::size_t remote_id_max = 255; // Characters; likewise the name.

struct StartFields
{
    bool has_chatbot = false;    // The field was sent, right or wrong.
    std::optional<Uuid> chatbot; // Nothing where it is missing or wrong.
    std::optional<std::int64_t> version;
    std::string remote_id;
    std::string name;
    std::string session_data; // The text of an object; empty where there is nothing in it.
    http::FieldErrors errors; // Of all fields at once.
};

// The body is an object.
[[nodiscard]] StartFields decode_start(json::Value body);

} // namespace parley::chat
