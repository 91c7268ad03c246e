#include "session_access.hpp"

#include "origins.hpp"
#include "session_token.hpp"

#include "parley/core/json.hpp"

#include <algorithm>

namespace parley::chat
{

namespace
{

Problem denied(std::string_view sentence = {})
{
    return Problem{.code = ProblemCode::permission_denied, .detail = std::string(sentence)};
}

// The road's own sentence for whoever has shown something that is good elsewhere.
Problem denied_to(Shown const& shown)
{
    return shown.signed_in ? denied() : denied("Authentication credentials were not provided.");
}

// A key is looked at before anything else, unless a sign-in has answered the question who asks.
std::optional<Problem> refuse_key(ChatSession const* session, Shown const& shown)
{
    if (session == nullptr) return denied("Session does not exist");
    auto const* channel = find_by_key(session->channels, shown.embed_key);
    if (channel == nullptr) return denied("Invalid widget embed key");
    if (!is_allowed_origin(shown.host, channel->allowed_domains)) return denied();
    return std::nullopt;
}

std::optional<Problem> refuse_token(ChatSession const& session, Shown const& shown, ChatSettings const& settings, Timestamp now)
{
    constexpr auto code = ProblemCode::permission_denied;
    if (shown.session_token.empty()) return refusal(code, "Session token required", "session_token_required");
    if (!is_session_token(shown.session_token, session.secrets, session.team_id, session.id))
        return refusal(code, "Invalid session token", "session_token_invalid");
    auto const* channel = session.channel();
    auto const lifetime = channel != nullptr && channel->token_lifetime ? *channel->token_lifetime : settings.token_lifetime;
    if (now - session.created_at > lifetime) return refusal(code, "Session has expired", "session_expired");
    return std::nullopt;
}

bool has_good_key(ChatSession const& session, Shown const& shown)
{
    auto const* channel = find_by_key(session.channels, shown.embed_key);
    return channel != nullptr && channel->mode == CredentialMode::embed_key && session.channel_id == channel->id &&
           is_allowed_origin(shown.host, channel->allowed_domains);
}

// Sessions without a token: the key of their own channel opens them, and where no channel asks for one, the chatbot's being
// public, or the participant's being on its list.
std::optional<Problem> refuse_without_token(ChatSession const& session, Shown const& shown)
{
    if (has_good_key(session, shown)) return std::nullopt;
    if (shown.embed_key && !shown.signed_in) return denied(); // Good, but another channel's.
    auto const* channel = session.channel();
    bool const asks_for_key = session.channel_id && (channel == nullptr || channel->level != Level::nothing);
    if (asks_for_key) return denied_to(shown);
    bool const may_chat = session.allowlist.empty() ||
                          std::ranges::find(session.allowlist, session.participant_identifier) != session.allowlist.end();
    return may_chat ? std::nullopt : std::optional(denied_to(shown));
}

} // namespace

Channel const* ChatSession::channel() const noexcept
{
    if (!channel_id) return nullptr;
    auto const found = std::ranges::find(channels, *channel_id, &Channel::id);
    return found == channels.end() ? nullptr : &*found;
}

Channel const* find_by_key(std::vector<Channel> const& channels, std::optional<Sha256> const& embed_key) noexcept
{
    if (!embed_key) return nullptr;
    auto const found = std::ranges::find(channels, embed_key, &Channel::embed_key);
    return found == channels.end() ? nullptr : &*found;
}

Problem refusal(ProblemCode problem, std::string_view sentence, std::string_view code)
{
    std::string body = R"({"error":)";
    json::append_string(body, sentence);
    if (!code.empty())
    {
        body += R"(,"code":)";
        json::append_string(body, code);
    }
    body += '}';
    return Problem{.code = problem, .body = std::move(body)};
}

std::optional<Problem> refuse_access(ChatSession const* session, Shown const& shown, ChatSettings const& settings, Timestamp now)
{
    if (shown.embed_key && !shown.signed_in)
        if (auto refused = refuse_key(session, shown)) return refused;
    if (session == nullptr) return denied_to(shown);
    if (shown.signed_in && session->participant_user_id == shown.signed_in->user_id) return std::nullopt;
    auto const* channel = session->channel();
    bool const needs_token = session->token_required || (channel != nullptr && channel->level == Level::session_token);
    return needs_token ? refuse_token(*session, shown, settings, now) : refuse_without_token(*session, shown);
}

} // namespace parley::chat
