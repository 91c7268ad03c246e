// The port through which the chat is kept. Implemented by store::PgChatStore.
#pragma once

#include "parley/core/clock.hpp"
#include "parley/core/identifier.hpp"
#include "parley/core/result.hpp"
#include "parley/domain/session.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace parley::chat
{

// What a channel asks of a caller before they may read and write in a session. Stored as the number.
enum class Level : std::uint8_t
{
    nothing = 0,       // Whoever knows the session's id, as far as the chatbot is public.
    embed_key = 1,     // The channel's key from an allowed origin.
    session_token = 2, // The token that the start gave.
};

// What a channel asks of a caller who starts a chat.
enum class CredentialMode : std::uint8_t
{
    embed_key,
    oauth, // A machine's access token; the embed key opens nothing.
};

// A place where a chatbot can be talked to: a widget on somebody's pages.
struct Channel
{
    std::int64_t id = 0;
    std::optional<Sha256> embed_key;          // The digest of the key.
    std::vector<std::string> allowed_domains; // "example.org", "*.example.org", "*"
    Level level = Level::session_token;
    CredentialMode mode = CredentialMode::embed_key;
    bool is_enabled = true;
    std::string disabled_message;
    std::optional<std::chrono::days> token_lifetime; // None: the setting's.
};

// A published version of a chatbot.
struct Version
{
    Uuid id;
    std::string name;
    std::int64_t number = 1;
    bool is_default = false;
    std::string description;
};

// A chatbot that can be talked to: the head of its family, not archived.
struct Chatbot
{
    Uuid id;
    domain::TeamId team_id = 0;
    std::string name;
    std::int64_t version_number = 1;
    std::vector<Version> versions; // Ascending by number.
    std::vector<Channel> channels; // Of widgets, in the order in which they were made.
};

// An access token, whoever it belongs to and whether or not it still opens anything.
struct MachineToken
{
    bool is_machine = false; // Not a user's.
    std::optional<domain::TeamId> team_id;
    std::string scope; // Separated by spaces.
    Timestamp expires;
    std::vector<Uuid> allowed_chatbots; // Of its application: where it may start chats.
};

// Whom a browser's cookie stands for: a sign-in of an active user.
struct SignedIn
{
    std::int64_t user_id = 0;
    std::string email;
    Timestamp created_at;
    Timestamp last_seen_at;
    std::vector<domain::TeamId> teams;
};

// A key that signs session tokens. All replicas share them; the newest signs, all that are not retired verify.
struct Secret
{
    std::int64_t id = 0;
    std::string bytes;
};

// A session as the chat sees it, found by its id alone.
struct ChatSession
{
    domain::TeamId team_id = 0;
    std::string id;
    std::int64_t number = 0; // What its messages are filed under.
    Timestamp created_at;
    bool is_ended = false;
    bool token_required = true;
    std::optional<std::int64_t> channel_id; // The channel it was started on, which may be gone.
    std::string participant_identifier;
    std::optional<std::int64_t> participant_user_id;
    std::vector<std::string> allowlist; // Who may chat when the chatbot is not public; empty: it is.
    std::vector<Channel> channels;      // Of its chatbot.
    std::vector<Secret> secrets;

    [[nodiscard]] Channel const* channel() const noexcept;
};

// A chat to be started.
struct NewChat
{
    domain::TeamId team_id = 0;
    std::string session_id; // Chosen beforehand.
    Uuid experiment;        // The chatbot, or the version asked for.
    std::optional<std::int64_t> channel_id;
    std::string platform; // Of the session.
    bool token_required = true;
    std::string participant_platform;
    std::string participant_identifier;
    std::string participant_remote_id;            // Empty: what the participant has.
    std::string participant_name;                 // Likewise.
    std::optional<std::int64_t> participant_user; // Whom the participant is.
    domain::JsonText state{"{}"};
    Timestamp created_at;
};

struct Started
{
    std::string participant_remote_id;
    Secret secret; // The one that signs. The first start makes it.
};

// What a message does to the session's state, which it is given as JSON text; nothing leaves it as it is.
using StateChange = std::function<std::optional<std::string>(std::string_view state)>;

// Which messages of a session.
struct PollQuery
{
    domain::TeamId team_id = 0;
    std::int64_t session_number = 0;
    std::optional<Timestamp> since; // Later than this.
    std::int32_t limit = 50;
};

struct Polled
{
    domain::JsonText messages; // Rendered, separated by commas; links begin with domain::link_base_mark.
    bool has_more = false;
};

// Verbs and Problems as domain::SessionStore: coroutines that never throw for what is expected under load; a write is
// acknowledged after its commit.
class ChatStore
{
  public:
    virtual ~ChatStore() = default;

    virtual boost::asio::awaitable<Result<std::optional<Chatbot>>> find_chatbot(Uuid id, Deadline deadline) = 0;
    virtual boost::asio::awaitable<Result<std::optional<MachineToken>>> find_machine_token(Sha256 token, Deadline deadline) = 0;
    virtual boost::asio::awaitable<Result<std::optional<SignedIn>>> find_signed_in(Sha256 cookie, Deadline deadline) = 0;

    // Sessions that were made over the API are not found.
    virtual boost::asio::awaitable<Result<std::optional<ChatSession>>> find_session(std::string id, Deadline deadline) = 0;

    virtual boost::asio::awaitable<Result<Started>> start(NewChat chat, Deadline deadline) = 0;

    // A user's message behind all others. False where the session has ended; session_unknown.
    virtual boost::asio::awaitable<Result<bool>> add_message(domain::TeamId team, std::string session_id, std::string text,
                                                             StateChange change, Timestamp now, Deadline deadline) = 0;

    virtual boost::asio::awaitable<Result<Polled>> poll(PollQuery query, Deadline deadline) = 0;
};

} // namespace parley::chat
