// What the page around a widget says of itself, kept in the session's state. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace parley::chat
{

// The state with this object as its member "remote_context", in place of the one it had. Nothing where the state is no object:
// what a client keeps there is not ours to wrap.
[[nodiscard]] std::optional<std::string> with_remote_context(std::string_view state, std::string_view context);

} // namespace parley::chat
