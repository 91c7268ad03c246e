// Who may read and write in a session that was started. Pure.
#pragma once

#include "parley/chat/chat_store.hpp"
#include "parley/chat/resources.hpp"

#include <optional>
#include <string>

namespace parley::chat
{

// What a request shows of itself.
struct Shown
{
    std::optional<SignedIn> signed_in;
    std::optional<Sha256> embed_key; // The digest of what X-Embed-Key holds.
    std::string host;                // Of the page that calls; see calling_host.
    std::string session_token;       // Empty: none.
};

// The channel among these that the key opens from this origin: an embed key's channel, never one in OAuth mode.
[[nodiscard]] Channel const* find_by_key(std::vector<Channel> const& channels, std::optional<Sha256> const& embed_key) noexcept;

// permission_denied in the words of the chat, or nothing. session is nullptr where no chat has this id.
[[nodiscard]] std::optional<Problem> refuse_access(ChatSession const* session, Shown const& shown, ChatSettings const& settings,
                                                   Timestamp now);

// {"error": sentence, "code": code}; the code may be missing.
[[nodiscard]] Problem refusal(ProblemCode problem, std::string_view sentence, std::string_view code = {});

} // namespace parley::chat
