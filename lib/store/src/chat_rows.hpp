// From rows to what the chat knows.
#pragma once

#include "parley/chat/chat_store.hpp"
#include "statements.hpp"

#include <optional>
#include <vector>

namespace parley::store
{

[[nodiscard]] std::optional<chat::Chatbot> read_chatbot(Statements& statements, Uuid const& id);
[[nodiscard]] std::optional<chat::MachineToken> read_machine_token(Statements& statements, Sha256 const& token);
[[nodiscard]] std::optional<chat::SignedIn> read_signed_in(Statements& statements, Sha256 const& cookie);
[[nodiscard]] std::optional<chat::ChatSession> read_chat_session(Statements& statements, std::string_view id);

} // namespace parley::store
