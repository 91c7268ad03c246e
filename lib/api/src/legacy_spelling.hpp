// How the service that the API comes from spelled a value inside a sentence: as Python does. Clients have seen "1.5", "True" and
// "['user']".
#pragma once

#include "parley/core/json.hpp"

#include <string>

namespace parley::api
{

// Python's str(): a string is itself, everything else is written as in Python's source. The value must not be a string with a
// lone surrogate.
[[nodiscard]] std::string to_legacy_text(json::Value value);

} // namespace parley::api
