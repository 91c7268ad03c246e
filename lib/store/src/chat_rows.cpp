#include "chat_rows.hpp"

#include "row_values.hpp"

#include <algorithm>
#include <charconv>

namespace parley::store
{

namespace
{

chat::Level to_level(std::int64_t number) noexcept
{
    if (number <= 0) return chat::Level::nothing;
    return number == 1 ? chat::Level::embed_key : chat::Level::session_token;
}

std::vector<chat::Channel> read_channels(Statements& statements, domain::TeamId team, Uuid const& chatbot)
{
    Parameters parameters;
    parameters.add(team).add(chatbot);
    auto const rows = statements.run("chat_find_channels", parameters);
    std::vector<chat::Channel> channels;
    for (std::size_t i = 0; i < rows.size(); ++i)
    {
        auto row = rows[i];
        chat::Channel channel;
        channel.id = row.number(0);
        if (auto const digest = row.optional(1)) channel.embed_key = sha256_from_hex(*digest);
        channel.allowed_domains = texts_at(row[2]);
        channel.level = to_level(row.number(3));
        channel.mode = row[4] == "oauth" ? chat::CredentialMode::oauth : chat::CredentialMode::embed_key;
        channel.is_enabled = row.flag(5);
        channel.disabled_message = row.text(6);
        if (!row.is_null(7)) channel.token_lifetime = std::chrono::days(row.number(7));
        channels.push_back(std::move(channel));
    }
    return channels;
}

std::vector<chat::Version> read_versions(Statements& statements, domain::TeamId team, Uuid const& chatbot)
{
    Parameters parameters;
    parameters.add(team).add(chatbot);
    auto const rows = statements.run("chat_find_versions", parameters);
    std::vector<chat::Version> versions;
    for (std::size_t i = 0; i < rows.size(); ++i)
    {
        auto row = rows[i];
        chat::Version version;
        version.id = to_uuid(row[0]);
        version.name = row.text(1);
        version.number = row.number(2);
        version.is_default = row.flag(3);
        version.description = row.text(4);
        versions.push_back(std::move(version));
    }
    return versions;
}

// "7:key,8:key"
std::vector<chat::Secret> to_secrets(std::string_view text)
{
    std::vector<chat::Secret> secrets;
    for (auto const& one : split(text, ','))
    {
        auto const colon = one.find(':');
        if (colon == std::string::npos) continue;
        chat::Secret secret;
        std::from_chars(one.data(), one.data() + colon, secret.id);
        secret.bytes = one.substr(colon + 1);
        secrets.push_back(std::move(secret));
    }
    return secrets;
}

} // namespace

std::optional<chat::Chatbot> read_chatbot(Statements& statements, Uuid const& id)
{
    Parameters parameters;
    parameters.add(id);
    auto const rows = statements.run("chat_find_chatbot", parameters);
    if (rows.empty()) return std::nullopt;
    auto row = rows[0];
    chat::Chatbot chatbot;
    chatbot.id = to_uuid(row[0]);
    chatbot.team_id = row.number(1);
    chatbot.name = row.text(2);
    chatbot.version_number = row.number(3);
    chatbot.versions = read_versions(statements, chatbot.team_id, chatbot.id);
    chatbot.channels = read_channels(statements, chatbot.team_id, chatbot.id);
    return chatbot;
}

std::optional<chat::MachineToken> read_machine_token(Statements& statements, Sha256 const& token)
{
    Parameters parameters;
    parameters.add(token);
    auto const rows = statements.run("chat_find_machine_token", parameters);
    if (rows.empty()) return std::nullopt;
    auto row = rows[0];
    chat::MachineToken found;
    found.is_machine = row.flag(0);
    if (!row.is_null(1)) found.team_id = row.number(1);
    found.scope = row.text(2);
    found.expires = to_moment(row[3]);
    for (auto const& id : texts_at(row[4]))
        found.allowed_chatbots.push_back(to_uuid(id));
    return found;
}

std::optional<chat::SignedIn> read_signed_in(Statements& statements, Sha256 const& cookie)
{
    Parameters parameters;
    parameters.add(cookie);
    auto const rows = statements.run("chat_find_signed_in", parameters);
    if (rows.empty()) return std::nullopt;
    auto row = rows[0];
    chat::SignedIn found;
    found.user_id = row.number(0);
    found.email = row.text(1);
    found.created_at = to_moment(row[2]);
    found.last_seen_at = to_moment(row[3]);
    found.teams = numbers_at(row[4]);
    return found;
}

std::optional<chat::ChatSession> read_chat_session(Statements& statements, std::string_view id)
{
    Parameters parameters;
    parameters.add(id);
    auto const rows = statements.run("chat_find_session", parameters);
    if (rows.empty()) return std::nullopt;
    auto row = rows[0];
    chat::ChatSession session;
    session.team_id = row.number(0);
    session.id = row.text(1);
    session.number = row.number(2);
    session.created_at = to_moment(row[3]);
    session.is_ended = row.flag(4);
    session.token_required = row.flag(5);
    if (!row.is_null(6)) session.channel_id = row.number(6);
    session.participant_identifier = row.text(7);
    if (!row.is_null(8)) session.participant_user_id = row.number(8);
    session.allowlist = texts_at(row[9]);
    auto const chatbot = to_uuid(row[10]);
    if (auto const secrets = row.optional(11)) session.secrets = to_secrets(*secrets);
    session.channels = read_channels(statements, session.team_id, chatbot);
    return session;
}

} // namespace parley::store
