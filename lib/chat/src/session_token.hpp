// What a widget holds to prove that a session is its own. Pure.
#pragma once

#include "parley/chat/chat_store.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace parley::chat
{

// "v1.<id of the secret>.<HMAC-SHA256>", bound to the team and the session. It says nothing of its end: that follows from the
// session's creation, so it can be brought forward by a setting.
[[nodiscard]] std::string make_session_token(Secret const& secret, domain::TeamId team, std::string_view session_id);

// Whether it was made for this session with one of these secrets. Compared in constant time.
[[nodiscard]] bool is_session_token(std::string_view token, std::vector<Secret> const& secrets, domain::TeamId team,
                                    std::string_view session_id);

} // namespace parley::chat
