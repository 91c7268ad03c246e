// One rule for starting a chat: an embed key from an allowed origin, a member's sign-in, or, where the channel is in OAuth mode,
// a machine's token whose application may start chats with this chatbot. Nothing else.
#include "endpoints.hpp"
#include "origins.hpp"
#include "session_token.hpp"
#include "start_fields.hpp"

#include "parley/core/text.hpp"
#include "parley/http/json_body.hpp"

#include <algorithm>
#include <utility>

namespace parley::chat
{

namespace
{

namespace asio = boost::asio;

constexpr std::size_t body_bytes_max = 1024 * 1024; // Anybody may send one: it must be read to find out who asks.
constexpr std::string_view start_scope = "chat:start";
constexpr std::string_view www_authenticate = "WWW-Authenticate: Bearer realm=\"api\"\r\n";

// Who starts the chat, with which chatbot and on which channel.
struct Caller
{
    std::optional<SignedIn> signed_in;
    std::optional<Chatbot> chatbot;
    std::optional<Channel> channel;
};

Problem unauthorized(routing::Call const& call, Problem problem)
{
    if (call.fields != nullptr) call.fields->append(www_authenticate);
    return problem;
}

// One answer for every reason: whoever probes learns nothing of which check failed.
Problem access_denied(routing::Call const& call)
{
    return unauthorized(call, refusal(ProblemCode::credential_invalid, "Authentication required to chat with this chatbot",
                                      "chat_access_denied"));
}

Problem no_chatbot()
{
    return Problem{.code = ProblemCode::experiment_elsewhere, .detail = "No Experiment matches the given query."};
}

Problem bad_request(std::string_view detail)
{
    return Problem{.code = ProblemCode::field_invalid, .detail = std::string(detail)};
}

// What stands behind "Bearer", one word or several; nothing where another scheme or none is used.
std::optional<std::string_view> shown_bearer(http::Request const& request)
{
    auto const* value = request.find("Authorization");
    if (value == nullptr) return std::nullopt;
    auto const scheme = value->substr(0, value->find_first_of(" \t"));
    if (!equal_ignoring_case(scheme, "bearer")) return std::nullopt;
    return trim_ows(value->substr(scheme.size()));
}

bool has_word(std::string_view text, std::string_view word)
{
    while (!text.empty())
    {
        auto const end = std::min(text.find(' '), text.size());
        if (text.substr(0, end) == word) return true;
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return false;
}

bool may_start_chats(MachineToken const& token, Timestamp now)
{
    return token.is_machine && token.team_id && token.expires > now && has_word(token.scope, start_scope);
}

// The channel on which this token may start a chat with the chatbot. Without a list of domains it is for servers, from anywhere.
Channel const* find_for_token(Chatbot const& chatbot, MachineToken const& token, std::string const& host)
{
    if (token.team_id != chatbot.team_id) return nullptr;
    if (std::ranges::find(token.allowed_chatbots, chatbot.id) == token.allowed_chatbots.end()) return nullptr;
    auto const channel = std::ranges::find(chatbot.channels, CredentialMode::oauth, &Channel::mode);
    if (channel == chatbot.channels.end()) return nullptr;
    if (!channel->allowed_domains.empty() && !is_allowed_origin(host, channel->allowed_domains)) return nullptr;
    return &*channel;
}

asio::awaitable<Result<Caller>> identify_machine(Services const& services, routing::Call const& call, std::string_view bearer,
                                                 StartFields const& fields)
{
    auto const token = co_await services.store.find_machine_token(sha256(bearer), call.deadline);
    if (!token) co_return token.error();
    if (!*token || !may_start_chats(**token, services.clock.now())) co_return access_denied(call);
    Caller caller;
    if (!fields.chatbot) co_return caller; // Its errors are told later.
    auto chatbot = co_await services.store.find_chatbot(*fields.chatbot, call.deadline);
    if (!chatbot) co_return chatbot.error();
    if (!*chatbot) co_return no_chatbot();
    auto const* channel = find_for_token(**chatbot, **token, calling_host(call.request));
    if (channel == nullptr) co_return access_denied(call);
    caller.channel = *channel;
    caller.chatbot = std::move(*chatbot);
    co_return caller;
}

asio::awaitable<Result<Caller>> identify_widget(Services const& services, routing::Call const& call, Sha256 key,
                                                StartFields const& fields)
{
    if (!fields.has_chatbot) co_return bad_request("Experiment ID required for embedded widget authentication");
    if (!fields.chatbot) co_return bad_request("chatbot_id must be a valid UUID");
    auto chatbot = co_await services.store.find_chatbot(*fields.chatbot, call.deadline);
    if (!chatbot) co_return chatbot.error();
    auto const* channel = *chatbot ? find_by_key((*chatbot)->channels, key) : nullptr;
    if (channel == nullptr)
        co_return unauthorized(call, Problem{.code = ProblemCode::credential_invalid, .detail = "Invalid widget embed key"});
    if (channel->mode == CredentialMode::embed_key && !is_allowed_origin(calling_host(call.request), channel->allowed_domains))
        co_return Problem{.code = ProblemCode::permission_denied};
    Caller caller;
    caller.channel = *channel;
    caller.chatbot = std::move(*chatbot);
    co_return caller;
}

// Who asks: the bearer of a token, else whoever is signed in, else a widget.
asio::awaitable<Result<Caller>> identify(Services const& services, routing::Call const& call, StartFields const& fields)
{
    if (auto const bearer = shown_bearer(call.request)) co_return co_await identify_machine(services, call, *bearer, fields);
    auto signed_in = co_await recognise(services, call);
    if (!signed_in) co_return signed_in.error();
    if (*signed_in)
    {
        Caller caller;
        caller.signed_in = std::move(*signed_in);
        co_return caller;
    }
    if (auto const key = shown_embed_key(call.request)) co_return co_await identify_widget(services, call, *key, fields);
    co_return access_denied(call);
}

// A member may; others need the widget's key from its origin, like anybody.
std::optional<Problem> refuse_signed_in(Caller& caller, routing::Call const& call, StartFields const& fields)
{
    auto const& chatbot = *caller.chatbot;
    auto const* channel = find_by_key(chatbot.channels, shown_embed_key(call.request));
    if (channel != nullptr && channel->mode == CredentialMode::embed_key &&
        is_allowed_origin(calling_host(call.request), channel->allowed_domains))
        caller.channel = *channel;
    auto const& teams = caller.signed_in->teams;
    bool const is_member = std::ranges::find(teams, chatbot.team_id) != teams.end();
    if (!is_member && (!caller.channel || fields.version))
        return refusal(ProblemCode::permission_denied, "You do not have access to this chatbot");
    if (fields.remote_id != caller.signed_in->email)
        return refusal(ProblemCode::field_invalid, "Remote ID must match your email address");
    return std::nullopt;
}

std::optional<Problem> refuse_anonymous(Caller const& caller, routing::Call const& call, StartFields const& fields)
{
    if (fields.version) return refusal(ProblemCode::permission_denied, "Version number requires authentication");
    bool const has_token = shown_bearer(call.request).has_value();
    if (!has_token && caller.channel->mode == CredentialMode::oauth) return access_denied(call);
    return std::nullopt;
}

std::optional<Problem> refuse(Caller& caller, routing::Call const& call, StartFields const& fields)
{
    auto refused = caller.signed_in ? refuse_signed_in(caller, call, fields) : refuse_anonymous(caller, call, fields);
    if (refused) return refused;
    if (caller.channel && !caller.channel->is_enabled)
        return refusal(ProblemCode::permission_denied, caller.channel->disabled_message);
    return std::nullopt;
}

std::string anonymous_identifier(Timestamp now)
{
    return "anon:" + make_uuid(now).str();
}

NewChat to_new_chat(Caller const& caller, StartFields const& fields, Version const* version, Timestamp now)
{
    NewChat chat;
    chat.team_id = caller.chatbot->team_id;
    chat.session_id = make_uuid(now).str();
    chat.experiment = version != nullptr ? version->id : caller.chatbot->id;
    if (caller.channel) chat.channel_id = caller.channel->id;
    chat.platform = caller.channel ? "embedded_widget" : "web";
    chat.token_required = !caller.channel || caller.channel->level == Level::session_token;
    chat.participant_name = fields.name;
    chat.created_at = now;
    if (caller.signed_in)
    {
        chat.participant_platform = "api"; // The one that the sessions API knows them as.
        chat.participant_identifier = caller.signed_in->email;
        chat.participant_user = caller.signed_in->user_id;
        if (!fields.session_data.empty()) chat.state.text = fields.session_data;
        return chat;
    }
    chat.participant_platform = "embedded_widget";
    chat.participant_identifier = anonymous_identifier(now);
    chat.participant_remote_id = fields.remote_id;
    return chat;
}

void append_member(std::string& out, std::string_view key, std::string_view text)
{
    out.append("\"").append(key).append("\":");
    json::append_string(out, text);
}

void append_versions(std::string& out, std::vector<Version> const& versions)
{
    out += '[';
    for (auto const& version : versions)
    {
        if (out.back() != '[') out += ',';
        out += '{';
        append_member(out, "name", version.name);
        out.append(R"(,"version_number":)").append(std::to_string(version.number));
        out.append(R"(,"is_default_version":)").append(version.is_default ? "true," : "false,");
        append_member(out, "version_description", version.description);
        out += '}';
    }
    out += ']';
}

void append_chatbot(std::string& out, Chatbot const& chatbot, Version const* version, std::string_view platform_url)
{
    auto const& id = version != nullptr ? version->id : chatbot.id;
    out += '{';
    append_member(out, "id", id.text());
    out += ',';
    append_member(out, "name", version != nullptr ? version->name : chatbot.name);
    out += ',';
    append_member(out, "url", std::string(platform_url).append("/api/experiments/").append(id.text()).append("/"));
    out.append(R"(,"version_number":)");
    out.append(std::to_string(version != nullptr ? version->number : chatbot.version_number));
    out.append(R"(,"versions":)");
    append_versions(out, version != nullptr ? std::vector<Version>{} : chatbot.versions); // A version has none itself.
    out += '}';
}

// What the answer tells of the chat that was started.
struct Announcement
{
    NewChat const& chat;
    Started const& started;
    Chatbot const& chatbot;
    Version const* version;
};

http::Response announce(Announcement const& what, std::string_view platform_url)
{
    http::Response response{.status = 201};
    auto& out = response.body;
    out += '{';
    append_member(out, "session_id", what.chat.session_id);
    out += R"(,"session_token":)";
    if (what.chat.token_required)
        json::append_string(out, make_session_token(what.started.secret, what.chat.team_id, what.chat.session_id));
    else
        out += "null";
    out += R"(,"chatbot":)";
    append_chatbot(out, what.chatbot, what.version, platform_url);
    out += R"(,"participant":{)";
    append_member(out, "identifier", what.chat.participant_identifier);
    out += ',';
    append_member(out, "remote_id", what.started.participant_remote_id);
    out += "}}";
    return response;
}

asio::awaitable<Result<http::Response>> make_chat(Services const& services, routing::Call const& call, Caller const& caller,
                                                  StartFields const& fields)
{
    Version const* version = nullptr;
    if (fields.version)
    {
        auto const& versions = caller.chatbot->versions;
        auto const found = std::ranges::find(versions, *fields.version, &Version::number);
        if (found == versions.end()) co_return no_chatbot();
        version = &*found;
    }
    auto const chat = to_new_chat(caller, fields, version, services.clock.now());
    auto const started = co_await services.store.start(chat, call.deadline);
    if (!started) co_return started.error();
    Announcement const announcement{chat, *started, *caller.chatbot, version};
    co_return announce(announcement, services.platform_url(call));
}

std::string identity_of(Caller const& caller, routing::Call const& call)
{
    if (caller.channel) return "channel " + std::to_string(caller.channel->id);
    return "address " + rate_limit::identity_of(call.client);
}

} // namespace

Answer chat_start(Services const& services, routing::Call const& call)
{
    call.request.body->lower_limit(body_bytes_max);
    auto const body = co_await http::read_json(call.request);
    if (!body) co_return body.error();
    if (auto const refused = http::refuse_other_than_object(body->root())) co_return *refused;
    auto const fields = decode_start(body->root());

    auto caller = co_await identify(services, call, fields);
    if (!caller) co_return caller.error();
    auto const identity = identity_of(*caller, call);
    if (auto const full = count(services, call, identity)) co_return *full;
    if (!fields.errors.empty()) co_return fields.errors.to_problem();
    if (!caller->chatbot)
    {
        auto found = co_await services.store.find_chatbot(*fields.chatbot, call.deadline);
        if (!found) co_return found.error();
        caller->chatbot = std::move(*found);
    }
    if (!caller->chatbot) co_return no_chatbot();
    if (auto const refused = refuse(*caller, call, fields)) co_return *refused;
    co_return co_await make_chat(services, call, *caller, fields);
}

} // namespace parley::chat
