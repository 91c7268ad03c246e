// Who may start a chat: every credential against a chatbot with two widgets, one of them in OAuth mode.
#include "endpoints.hpp"

#include "parley/support/run_coro.hpp"

#include <gtest/gtest.h>

#include <map>

namespace parley::chat
{
namespace
{

using namespace std::chrono_literals;

constexpr Timestamp now{std::chrono::sys_days(std::chrono::year(2026) / 3 / 1)};
constexpr std::string_view keyed = "00000000-0000-4000-8000-0000000000a1";  // A chatbot with a key.
constexpr std::string_view tokens = "00000000-0000-4000-8000-0000000000a2"; // One in OAuth mode.
constexpr std::string_view version = "00000000-0000-4000-8000-0000000000b1";
constexpr std::string_view key_of_keyed = "key of 00000000-0000-4000-8000-0000000000a1";
constexpr std::string_view key_of_tokens = "key of 00000000-0000-4000-8000-0000000000a2";
constexpr std::string_view denied =
    R"(401 {"error":"Authentication required to chat with this chatbot","code":"chat_access_denied"})";

Uuid uuid(std::string_view text)
{
    return *Uuid::parse(text);
}

// Answers from maps, and keeps what was started.
class MapChatStore final : public ChatStore
{
  public:
    template <class T>
    using Reply = boost::asio::awaitable<Result<T>>;

    std::map<Uuid, Chatbot> chatbots;
    std::map<Sha256, MachineToken> machine_tokens;
    std::map<Sha256, SignedIn> sign_ins;
    std::vector<NewChat> started;

    template <class Key, class Value>
    static std::optional<Value> find(std::map<Key, Value> const& map, Key const& key)
    {
        auto const found = map.find(key);
        return found == map.end() ? std::nullopt : std::optional(found->second);
    }
    Reply<std::optional<Chatbot>> find_chatbot(Uuid id, Deadline) override { co_return find(chatbots, id); }
    Reply<std::optional<MachineToken>> find_machine_token(Sha256 token, Deadline) override
    {
        co_return find(machine_tokens, token);
    }
    Reply<std::optional<SignedIn>> find_signed_in(Sha256 cookie, Deadline) override { co_return find(sign_ins, cookie); }
    Reply<std::optional<ChatSession>> find_session(std::string, Deadline) override { co_return std::optional<ChatSession>(); }
    Reply<Started> start(NewChat chat, Deadline) override
    {
        Started answer;
        answer.participant_remote_id = chat.participant_remote_id;
        answer.secret = {1, "secret"};
        started.push_back(std::move(chat));
        co_return answer;
    }
    Reply<bool> add_message(domain::TeamId, std::string, std::string, StateChange, Timestamp, Deadline) override
    {
        co_return Problem{ProblemCode::internal};
    }
    Reply<Polled> poll(PollQuery, Deadline) override { co_return Problem{ProblemCode::internal}; }
};

class TextBody final : public http::BodySource
{
  public:
    explicit TextBody(std::string text) : text_(std::move(text)) {}
    boost::asio::awaitable<Result<std::string_view>> read() override { co_return std::string_view(text_); }

  private:
    std::string text_;
};

class ChatStart : public testing::Test
{
  protected:
    ChatStart()
    {
        store.chatbots[uuid(keyed)] = a_chatbot(keyed, CredentialMode::embed_key);
        store.chatbots[uuid(tokens)] = a_chatbot(tokens, CredentialMode::oauth);
        store.machine_tokens[sha256("good")] = a_token();
        store.sign_ins[sha256("member")] = a_sign_in(1, "ada@alpha.example", {7});
        store.sign_ins[sha256("outsider")] = a_sign_in(2, "eve@beta.example", {8});
    }

    static Chatbot a_chatbot(std::string_view id, CredentialMode mode)
    {
        Channel channel;
        channel.id = mode == CredentialMode::oauth ? 2 : 1;
        channel.embed_key = sha256("key of " + std::string(id));
        if (mode == CredentialMode::embed_key) channel.allowed_domains = {"widget.example"};
        channel.mode = mode;
        Chatbot chatbot;
        chatbot.id = uuid(id);
        chatbot.team_id = 7;
        chatbot.name = "Bot";
        chatbot.versions = {{uuid(version), "Bot, second", 2, true, ""}};
        chatbot.channels = {channel};
        return chatbot;
    }
    static MachineToken a_token()
    {
        MachineToken token;
        token.is_machine = true;
        token.team_id = 7;
        token.scope = "sessions:read chat:start";
        token.expires = now + 1h;
        token.allowed_chatbots = {uuid(tokens), uuid(keyed)};
        return token;
    }
    static SignedIn a_sign_in(std::int64_t user, std::string email, std::vector<domain::TeamId> teams)
    {
        return {
            .user_id = user, .email = std::move(email), .created_at = now - 1h, .last_seen_at = now, .teams = std::move(teams)};
    }

    // "201" or the status and the body of the refusal.
    std::string outcome(std::vector<http::Field> fields, std::string_view chatbot, std::string more = {})
    {
        auto const json_body = R"({"chatbot_id":")" + std::string(chatbot) + "\"" + more + "}";
        TextBody body(json_body);
        fields.push_back({"Content-Type", "application/json"});
        http::Request request;
        request.method = http::Method::post;
        request.fields = fields;
        request.body = &body;
        std::string const none;
        std::string const base = "http://localhost";
        auth::Principal const nobody;
        answer_fields.clear();
        routing::Call const call{.principal = nobody,
                                 .request = request,
                                 .parameter = none,
                                 .base_url = base,
                                 .deadline = Deadline::never(),
                                 .client = {},
                                 .fields = &answer_fields};
        auto answer = support::run_coro(chat_start(services, call));
        auto const response = answer ? *answer : http::to_response(answer.error());
        if (response.status == 201) return "201";
        return std::to_string(response.status) + " " + response.body;
    }

    static std::vector<http::Field> widget(std::string_view key, std::string_view origin = "https://widget.example")
    {
        return {{"X-Embed-Key", key}, {"Origin", origin}};
    }
    static std::vector<http::Field> bearer(std::string_view value) { return {{"Authorization", value}}; }
    static std::vector<http::Field> browser(std::string_view cookies)
    {
        return {{"Cookie", cookies}, {"X-CSRFToken", "0123456789abcdefghijklmnopqrstuv"}};
    }

    MapChatStore store;
    ManualClock clock{now};
    telemetry::Telemetry telemetry{{.log_level = "off", .log_queue_lines_max = 64, .log_file = {}}};
    rate_limit::Limiter limiter{clock, telemetry, {}};
    Services services{store, limiter, clock, {}};
    std::string answer_fields;
};

TEST_F(ChatStart, needs_a_credential)
{
    EXPECT_EQ(outcome({}, keyed), denied);
    EXPECT_NE(answer_fields.find("WWW-Authenticate: Bearer realm=\"api\""), std::string::npos);
    EXPECT_EQ(outcome({{"X-api-key", "any"}}, keyed), denied);
    EXPECT_EQ(outcome(bearer("Basic abc"), keyed), denied);
    EXPECT_EQ(outcome({{"Cookie", "sessionid=nobody"}}, keyed), denied);
    EXPECT_TRUE(store.started.empty());
}

TEST_F(ChatStart, by_a_key_from_an_allowed_origin)
{
    EXPECT_EQ(outcome(widget(key_of_keyed), keyed), "201");
    ASSERT_EQ(store.started.size(), 1U);
    EXPECT_EQ(store.started[0].channel_id, 1);
    EXPECT_TRUE(store.started[0].participant_identifier.starts_with("anon:"));
    EXPECT_TRUE(store.started[0].token_required);
    EXPECT_EQ(outcome(widget(key_of_keyed, "https://evil.example"), keyed),
              R"(403 {"detail":"You do not have permission to perform this action."})");
    EXPECT_EQ(outcome(widget("another"), keyed), R"(401 {"detail":"Invalid widget embed key"})");
    EXPECT_EQ(outcome(widget(key_of_keyed), keyed, R"(,"version_number":2)"),
              R"(403 {"error":"Version number requires authentication"})");
    EXPECT_EQ(outcome(widget(key_of_tokens), tokens), denied) << "in OAuth mode the key opens nothing";
    EXPECT_EQ(store.started.size(), 1U);
}

TEST_F(ChatStart, session_data_of_an_anonymous_participant_is_ignored)
{
    EXPECT_EQ(outcome(widget(key_of_keyed), keyed, R"(,"session_data":{"admin":true})"), "201");
    EXPECT_EQ(store.started.at(0).state.text, "{}");
}

TEST_F(ChatStart, by_a_machines_token_where_the_channel_is_in_oauth_mode)
{
    EXPECT_EQ(outcome(bearer("Bearer good"), tokens), "201");
    EXPECT_EQ(store.started.at(0).channel_id, 2);
    EXPECT_EQ(outcome(bearer("Bearer good"), keyed), denied) << "the channel takes keys";
    EXPECT_EQ(outcome(bearer("Bearer good good"), tokens), denied);
    EXPECT_EQ(outcome(bearer("Bearer nope"), tokens), denied);
    EXPECT_EQ(outcome(bearer("Bearer good"), "00000000-0000-4000-8000-0000000000ff"),
              R"(404 {"detail":"No Experiment matches the given query."})");

    using Change = void (*)(MachineToken&);
    for (Change const change :
         {+[](MachineToken& token) { token.is_machine = false; }, +[](MachineToken& token) { token.team_id = 8; },
          +[](MachineToken& token) { token.scope = "chat:starts sessions:read"; },
          +[](MachineToken& token) { token.expires = now; }, +[](MachineToken& token) { token.allowed_chatbots.clear(); }})
    {
        auto token = a_token();
        change(token);
        store.machine_tokens[sha256("good")] = token;
        EXPECT_EQ(outcome(bearer("Bearer good"), tokens), denied);
    }
    EXPECT_EQ(store.started.size(), 1U);
}

TEST_F(ChatStart, a_bad_token_is_not_saved_by_a_good_key)
{
    auto fields = widget(key_of_keyed);
    fields.push_back({"Authorization", "Bearer nope"});
    EXPECT_EQ(outcome(fields, keyed), denied);
}

TEST_F(ChatStart, by_a_member_as_themselves)
{
    auto const member = browser("sessionid=member; csrftoken=0123456789abcdefghijklmnopqrstuv");
    EXPECT_EQ(outcome(member, keyed), R"(400 {"error":"Remote ID must match your email address"})");
    EXPECT_EQ(outcome(member, keyed, R"(,"participant_remote_id":"ada@alpha.example","session_data":{"a":1},"version_number":2)"),
              "201");
    ASSERT_EQ(store.started.size(), 1U);
    EXPECT_EQ(store.started[0].participant_identifier, "ada@alpha.example");
    EXPECT_EQ(store.started[0].participant_user, 1);
    EXPECT_EQ(store.started[0].experiment, uuid(version));
    EXPECT_EQ(store.started[0].state.text, R"({"a":1})");
    EXPECT_FALSE(store.started[0].channel_id);
    EXPECT_EQ(outcome(member, tokens, R"(,"participant_remote_id":"ada@alpha.example")"), "201") << "OAuth mode is for others";
    EXPECT_EQ(outcome(browser("sessionid=outsider; csrftoken=0123456789abcdefghijklmnopqrstuv"), keyed),
              R"(403 {"error":"You do not have access to this chatbot"})");
}

TEST_F(ChatStart, a_cookie_needs_its_csrf_token)
{
    EXPECT_EQ(outcome({{"Cookie", "sessionid=member"}}, keyed), R"(403 {"detail":"CSRF Failed: CSRF cookie not set."})");
    EXPECT_EQ(outcome(browser("sessionid=member; csrftoken=another0another0another0another0"), keyed),
              R"(403 {"detail":"CSRF Failed: CSRF token from the 'X-Csrftoken' HTTP header incorrect."})");
    EXPECT_TRUE(store.started.empty());
}

TEST_F(ChatStart, a_sign_in_that_is_over_is_none)
{
    auto const member = browser("sessionid=member; csrftoken=0123456789abcdefghijklmnopqrstuv");
    store.sign_ins[sha256("member")].last_seen_at = now - 8 * 24h;
    EXPECT_EQ(outcome(member, keyed), denied);
}

TEST_F(ChatStart, a_disabled_channel_says_why)
{
    store.chatbots[uuid(keyed)].channels[0].is_enabled = false;
    store.chatbots[uuid(keyed)].channels[0].disabled_message = "We are closed.";
    EXPECT_EQ(outcome(widget(key_of_keyed), keyed), R"(403 {"error":"We are closed."})");
}

TEST_F(ChatStart, is_counted_by_channel_and_else_by_address)
{
    outcome(widget(key_of_keyed), keyed);
    EXPECT_NE(answer_fields.find("X-RateLimit-Remaining: 299\r\n"), std::string::npos) << answer_fields;
    outcome(widget(key_of_keyed), keyed);
    EXPECT_NE(answer_fields.find("X-RateLimit-Remaining: 298\r\n"), std::string::npos) << answer_fields;
    outcome(browser("sessionid=member; csrftoken=0123456789abcdefghijklmnopqrstuv"), keyed);
    EXPECT_NE(answer_fields.find("X-RateLimit-Remaining: 299\r\n"), std::string::npos) << answer_fields;
    outcome({}, keyed);
    EXPECT_EQ(answer_fields.find("X-RateLimit"), std::string::npos) << "who shows nothing is not counted";
}

} // namespace
} // namespace parley::chat
