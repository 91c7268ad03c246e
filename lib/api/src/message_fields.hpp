// The field "messages" of a body. Pure.
#pragma once

#include "parley/core/json.hpp"
#include "parley/domain/session.hpp"
#include "parley/http/field_errors.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace parley::api
{

struct MessageFields
{
    domain::Role role = domain::Role::user;
    std::string_view content; // Trimmed; a view into the document.
};

// A list of objects with role and content; everything else in them is ignored. Nothing where the field was not sent.
void decode_messages(std::optional<json::Value> value, std::vector<MessageFields>& messages, http::FieldErrors& found);

} // namespace parley::api
