// Messages added to a session that exists, by the API and by the chat.
#pragma once

#include "parley/domain/session.hpp"
#include "statements.hpp"

#include "parley/core/result.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace parley::store
{

enum class EndedSession : std::uint8_t
{
    takes_messages,
    refuses_them,
};

struct Addition
{
    domain::TeamId team = 0;
    std::string session_id;
    std::vector<domain::AddedMessage> messages;
    Timestamp at;
    EndedSession ended = EndedSession::takes_messages;
    std::function<std::optional<std::string>(std::string_view)> change; // Of the state; may be empty.

    // What the last attempt tried to write. After a lost connection the next one looks whether it is there.
    struct Attempt
    {
        std::int32_t position = -1;
        std::vector<std::string> rendered;
    };
    std::shared_ptr<Attempt> attempt = std::make_shared<Attempt>();
};

// What became of it: the messages as they are shown, separated by commas; nothing where the session has ended and takes none.
using Added = std::optional<domain::JsonText>;

// One transaction. Problems: session_unknown.
[[nodiscard]] Result<Added> append_messages(Statements& statements, Addition const& addition, bool may_have_run);

} // namespace parley::store
