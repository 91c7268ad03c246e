// The body of session_add_tags and session_remove_tags.
#pragma once

#include "operations.hpp"

#include "parley/core/json.hpp"
#include "parley/core/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace parley::api
{

// How long a name may be.
enum class TagLength : std::uint8_t
{
    any,     // Removing: no tag has a longer name, so it has no effect.
    limited, // Adding: a longer one is refused.
};

// The names without repetitions, in the order in which they first come, untrimmed. The body is an object. Problem: field_invalid.
[[nodiscard]] Result<std::vector<std::string>> decode_tag_names(json::Value body, TagLength length);

// Reads and decodes the body; or the Problem, session_unknown for an id that no session can have.
boost::asio::awaitable<Result<std::vector<std::string>>> read_tag_names(routing::Call const& call, TagLength length);

// The answer to the names that the session has now, or to the store's Problem.
[[nodiscard]] Result<http::Response> answer_tags(Result<domain::JsonText> const& names, std::string_view id);

} // namespace parley::api
