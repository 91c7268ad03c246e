// A field of a body that takes a text.
#pragma once

#include "parley/core/json.hpp"

#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace parley::http
{

struct TextField
{
    std::optional<std::string_view> text; // Trimmed. Nothing where the field was not sent or is wrong.
    std::string errors;                   // The sentences as a JSON array; empty where nothing is wrong.
};

// A string, or a number taken as the text that was sent; not blank, without U+0000 and lone surrogates, of at most so many code
// points.
[[nodiscard]] TextField decode_text(std::optional<json::Value> value,
                                    std::size_t characters_max = std::numeric_limits<std::size_t>::max());

} // namespace parley::http
