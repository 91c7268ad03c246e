#include "chat_store.hpp"

#include "alone.hpp"
#include "append_messages.hpp"
#include "chat_rows.hpp"

#include <algorithm>
#include <functional>

namespace parley::store
{

namespace
{

constexpr std::int16_t count_slots = 8; // Of session_count: chats of one chatbot seldom wait for each other.
constexpr Timestamp first_moment{std::chrono::sys_days(std::chrono::year(1) / 1 / 1)};

// Reads something on a lane: a function from the statements to the answer.
template <class Answer, class Read>
boost::asio::awaitable<Result<Answer>> look(JobQueue& queue, Read read, Deadline deadline)
{
    typename FunctionJob<Answer>::Function function = [read = std::move(read)](Statements& statements, bool /*may_have_run*/)
    { return Result<Answer>(read(statements)); };
    co_return co_await run_on_a_lane<Answer>(queue, Verb::chat_look, std::move(function), deadline);
}

// The newest key; the first chat of all makes one.
chat::Secret signing_secret(Statements& statements, Timestamp now)
{
    chat::Secret secret;
    auto const rows = statements.run("chat_newest_secret", {});
    if (!rows.empty())
    {
        auto row = rows[0];
        secret.id = row.number(0);
        secret.bytes = row.text(1);
        return secret;
    }
    secret.bytes = make_secret();
    Parameters parameters;
    parameters.add(secret.bytes).add(now);
    secret.id = statements.run("chat_add_secret", parameters)[0].number(0);
    return secret;
}

std::optional<std::string> find_started(Statements& statements, chat::NewChat const& chat)
{
    Parameters parameters;
    parameters.add(chat.team_id).add(chat.session_id);
    auto const rows = statements.run("chat_start_look", parameters);
    if (rows.empty()) return std::nullopt;
    return rows[0].text(0);
}

struct KeptParticipant
{
    std::int64_t id = 0;
    std::string remote_id;
};

KeptParticipant keep_participant(Statements& statements, chat::NewChat const& chat)
{
    Parameters parameters;
    parameters.add(chat.team_id).add(chat.participant_platform).add(chat.participant_identifier);
    parameters.add(chat.participant_remote_id).add(chat.participant_name).add(chat.participant_user.value_or(0));
    auto const rows = statements.run("chat_start_participant", parameters);
    auto row = rows[0];
    KeptParticipant kept;
    kept.id = row.number(0);
    kept.remote_id = row.text(1);
    return kept;
}

Result<chat::Started> start_chat(Statements& statements, chat::NewChat const& chat, bool may_have_run)
{
    Connection::Transaction transaction(statements.connection());
    chat::Started started;
    started.secret = signing_secret(statements, chat.created_at);
    auto const earlier = may_have_run ? find_started(statements, chat) : std::nullopt;
    if (earlier)
    {
        started.participant_remote_id = *earlier;
        transaction.commit();
        return started;
    }
    auto const participant = keep_participant(statements, chat);
    started.participant_remote_id = participant.remote_id;
    auto const slot = static_cast<std::int16_t>(std::hash<std::string>{}(chat.session_id) % count_slots);
    Parameters parameters;
    parameters.add(chat.team_id).add(chat.session_id).add(participant.id).add(chat.participant_identifier);
    parameters.add(participant.remote_id).add(chat.created_at).add(chat.experiment).add(chat.channel_id.value_or(0));
    parameters.add(chat.token_required).add(chat.platform).add(chat.state.text).add(slot);
    statements.run("chat_start", parameters);
    transaction.commit();
    return started;
}

chat::Polled read_poll(Statements& statements, chat::PollQuery const& query)
{
    Parameters parameters;
    parameters.add(query.team_id).add(query.session_number).add(query.since.value_or(first_moment));
    parameters.add(static_cast<std::int32_t>(query.limit + 1)); // One more says whether there are more.
    auto const rows = statements.run("chat_poll", parameters);
    auto const limit = static_cast<std::size_t>(query.limit);
    chat::Polled polled;
    polled.has_more = rows.size() > limit;
    for (std::size_t i = 0; i < std::min(rows.size(), limit); ++i)
    {
        if (i > 0) polled.messages.text += ',';
        polled.messages.text += rows[i][0];
    }
    return polled;
}

} // namespace

PgChatStore::Reply<std::optional<chat::Chatbot>> PgChatStore::find_chatbot(Uuid id, Deadline deadline)
{
    auto read = [id](Statements& statements) { return read_chatbot(statements, id); };
    co_return co_await look<std::optional<chat::Chatbot>>(queue_, std::move(read), deadline);
}

PgChatStore::Reply<std::optional<chat::MachineToken>> PgChatStore::find_machine_token(Sha256 token, Deadline deadline)
{
    auto read = [token](Statements& statements) { return read_machine_token(statements, token); };
    co_return co_await look<std::optional<chat::MachineToken>>(queue_, std::move(read), deadline);
}

PgChatStore::Reply<std::optional<chat::SignedIn>> PgChatStore::find_signed_in(Sha256 cookie, Deadline deadline)
{
    auto read = [cookie](Statements& statements) { return read_signed_in(statements, cookie); };
    co_return co_await look<std::optional<chat::SignedIn>>(queue_, std::move(read), deadline);
}

PgChatStore::Reply<std::optional<chat::ChatSession>> PgChatStore::find_session(std::string id, Deadline deadline)
{
    auto read = [id = std::move(id)](Statements& statements) { return read_chat_session(statements, id); };
    co_return co_await look<std::optional<chat::ChatSession>>(queue_, std::move(read), deadline);
}

PgChatStore::Reply<chat::Started> PgChatStore::start(chat::NewChat chat, Deadline deadline)
{
    auto const key = session_key(chat.team_id, chat.session_id);
    FunctionJob<chat::Started>::Function function = [chat = std::move(chat)](Statements& statements, bool may_have_run)
    { return start_chat(statements, chat, may_have_run); };
    co_return co_await run_on_a_lane<chat::Started>(queue_, Verb::chat_change, std::move(function), deadline, key);
}

PgChatStore::Reply<bool> PgChatStore::add_message(domain::TeamId team, std::string session_id, std::string text,
                                                  chat::StateChange change, Timestamp now, Deadline deadline)
{
    auto const key = session_key(team, session_id);
    Addition addition;
    addition.team = team;
    addition.session_id = std::move(session_id);
    addition.messages.push_back({domain::Role::user, std::move(text)});
    addition.at = now;
    addition.ended = EndedSession::refuses_them;
    addition.change = std::move(change);
    FunctionJob<bool>::Function function = [addition = std::move(addition)](Statements& statements,
                                                                            bool may_have_run) -> Result<bool>
    {
        auto const added = append_messages(statements, addition, may_have_run);
        if (!added) return added.error();
        return added->has_value();
    };
    co_return co_await run_on_a_lane<bool>(queue_, Verb::chat_change, std::move(function), deadline, key);
}

PgChatStore::Reply<chat::Polled> PgChatStore::poll(chat::PollQuery query, Deadline deadline)
{
    auto read = [query](Statements& statements) { return read_poll(statements, query); };
    co_return co_await look<chat::Polled>(queue_, std::move(read), deadline);
}

} // namespace parley::store
