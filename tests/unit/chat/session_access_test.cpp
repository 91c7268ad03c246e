// Every kind of session against every kind of caller. The expected sentences are those that the recorded service gave.
#include "session_access.hpp"

#include "session_token.hpp"

#include <gtest/gtest.h>

namespace parley::chat
{
namespace
{

using namespace std::chrono_literals;

constexpr Timestamp start_of_chat{std::chrono::sys_days(std::chrono::year(2026) / 3 / 1)};
Secret const secret{3, "the secret"};
constexpr std::string_view not_provided = "Authentication credentials were not provided.";

Channel a_channel(std::int64_t id, std::string_view key, Level level)
{
    Channel channel;
    channel.id = id;
    channel.embed_key = sha256(key);
    channel.allowed_domains = {"widget.example"};
    channel.level = level;
    return channel;
}

ChatSession a_session(Level level)
{
    ChatSession session;
    session.team_id = 7;
    session.id = "s";
    session.created_at = start_of_chat;
    session.token_required = level == Level::session_token;
    session.channel_id = 1;
    session.participant_identifier = "anon:x";
    session.channels = {a_channel(1, "own", level), a_channel(2, "sibling", Level::embed_key)};
    session.secrets = {secret};
    return session;
}

Shown with_key(std::string_view key, std::string_view host = "widget.example")
{
    Shown shown;
    shown.embed_key = sha256(key);
    shown.host = host;
    return shown;
}

Shown with_token(std::string token)
{
    Shown shown;
    shown.session_token = std::move(token);
    return shown;
}

Shown signed_in_as(std::int64_t user)
{
    Shown shown;
    shown.signed_in = SignedIn{.user_id = user, .email = "ada@alpha.example", .created_at = {}, .last_seen_at = {}, .teams = {7}};
    return shown;
}

// "" where access is given, else the code or the sentence of the refusal.
std::string outcome(ChatSession const* session, Shown const& shown, Timestamp now = start_of_chat + 1h)
{
    auto const refused = refuse_access(session, shown, ChatSettings{}, now);
    if (!refused) return "";
    EXPECT_EQ(refused->code, ProblemCode::permission_denied);
    for (std::string const code : {"session_token_required", "session_token_invalid", "session_expired"})
        if (refused->body.find(code) != std::string::npos) return code;
    return refused->detail.empty() ? "denied" : refused->detail;
}

TEST(AccessByToken, needs_a_token_of_this_session)
{
    auto const session = a_session(Level::session_token);
    auto const good = make_session_token(secret, 7, "s");
    EXPECT_EQ(outcome(&session, with_token(good)), "");
    EXPECT_EQ(outcome(&session, Shown{}), "session_token_required");
    EXPECT_EQ(outcome(&session, with_token("abc:def:ghi")), "session_token_invalid");
    EXPECT_EQ(outcome(&session, with_token(make_session_token(secret, 7, "other"))), "session_token_invalid");
    EXPECT_EQ(outcome(&session, with_key("own")), "session_token_required") << "a key is no token";
    auto both = with_key("own");
    both.session_token = good;
    EXPECT_EQ(outcome(&session, both), "");
    both = with_key("nobody's");
    both.session_token = good;
    EXPECT_EQ(outcome(&session, both), "Invalid widget embed key");
}

TEST(AccessByToken, ends_with_the_lifetime_of_the_channel_or_the_setting)
{
    auto session = a_session(Level::session_token);
    auto const shown = with_token(make_session_token(secret, 7, "s"));
    EXPECT_EQ(outcome(&session, shown, start_of_chat + 7 * 24h), "");
    EXPECT_EQ(outcome(&session, shown, start_of_chat + 7 * 24h + 1s), "session_expired");
    session.channels[0].token_lifetime = std::chrono::days(1);
    EXPECT_EQ(outcome(&session, shown, start_of_chat + 25h), "session_expired");
}

TEST(AccessByKey, needs_the_key_of_the_sessions_own_channel_from_an_allowed_origin)
{
    auto const session = a_session(Level::embed_key);
    EXPECT_EQ(outcome(&session, with_key("own")), "");
    EXPECT_EQ(outcome(&session, with_key("own", "evil.example")), "denied");
    EXPECT_EQ(outcome(&session, with_key("own", "")), "denied");
    EXPECT_EQ(outcome(&session, with_key("sibling")), "denied") << "a good key of another channel";
    EXPECT_EQ(outcome(&session, with_key("nobody's")), "Invalid widget embed key");
    EXPECT_EQ(outcome(&session, Shown{}), not_provided);
    EXPECT_EQ(outcome(&session, signed_in_as(5)), "denied");
}

TEST(AccessByKey, is_over_when_the_channel_is_deleted_or_asks_for_more)
{
    auto session = a_session(Level::embed_key);
    session.channels.erase(session.channels.begin());
    EXPECT_EQ(outcome(&session, with_key("own")), "Invalid widget embed key");
    EXPECT_EQ(outcome(&session, Shown{}), not_provided);
    session = a_session(Level::embed_key);
    session.channels[0].level = Level::session_token;
    EXPECT_EQ(outcome(&session, with_key("own")), "session_token_required");
    session = a_session(Level::embed_key);
    session.channels[0].mode = CredentialMode::oauth;
    EXPECT_EQ(outcome(&session, with_key("own")), "denied") << "in OAuth mode the key opens nothing";
}

TEST(AccessWithoutCredential, is_for_public_chatbots_and_participants_on_the_list)
{
    auto session = a_session(Level::nothing);
    EXPECT_EQ(outcome(&session, Shown{}), "");
    session.allowlist = {"someone@else.example"};
    EXPECT_EQ(outcome(&session, Shown{}), not_provided);
    session.participant_identifier = "someone@else.example";
    EXPECT_EQ(outcome(&session, Shown{}), "");
}

TEST(AccessBySignIn, is_for_the_sessions_own_participant)
{
    auto session = a_session(Level::session_token);
    session.participant_user_id = 5;
    EXPECT_EQ(outcome(&session, signed_in_as(5)), "");
    EXPECT_EQ(outcome(&session, signed_in_as(6)), "session_token_required");
}

TEST(AccessToAnUnknownSession, is_refused_like_a_known_one)
{
    EXPECT_EQ(outcome(nullptr, Shown{}), not_provided);
    EXPECT_EQ(outcome(nullptr, with_token("abc")), not_provided);
    EXPECT_EQ(outcome(nullptr, with_key("own")), "Session does not exist");
    EXPECT_EQ(outcome(nullptr, signed_in_as(5)), "denied");
}

} // namespace
} // namespace parley::chat
