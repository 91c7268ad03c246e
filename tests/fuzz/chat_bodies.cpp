// The JSON bodies of the widget's endpoints, through their handlers. The first byte says which: s starts a chat, m sends a
// message.
#include "promise.hpp"

#include "api/api_bench.hpp"

#include "parley/chat/resources.hpp"
#include "parley/core/text.hpp"

#include <boost/json.hpp>

namespace parley::fuzz
{
namespace
{

using api::test::instant;

constexpr std::string_view chatbot_id = "6f1dd7a4-7a6b-4f59-9d5f-2f6a4a1c0001";
constexpr std::string_view state_before = R"({"a":1.10,"remote_context":{"page":"old"},"b":[]})";

// A store with one public chatbot and one session of it, open to whoever is signed in; it keeps what it was asked to write.
class OpenStore final : public chat::ChatStore
{
  public:
    template <class T>
    using Reply = boost::asio::awaitable<Result<T>>;

    std::optional<chat::NewChat> started;
    std::optional<std::string> text;
    std::optional<std::string> state_after;

    Reply<std::optional<chat::Chatbot>> find_chatbot(Uuid id, Deadline) override
    {
        chat::Chatbot bot{.id = id, .team_id = 7, .name = "Bot", .version_number = 2, .versions = {}, .channels = {}};
        bot.versions.push_back({.id = id, .name = "Bot", .number = 1, .is_default = true, .description = "first"});
        if (id != *Uuid::parse(chatbot_id)) co_return std::optional<chat::Chatbot>();
        co_return std::optional(std::move(bot));
    }
    Reply<std::optional<chat::MachineToken>> find_machine_token(Sha256, Deadline) override
    {
        co_return std::optional<chat::MachineToken>();
    }
    Reply<std::optional<chat::SignedIn>> find_signed_in(Sha256, Deadline) override
    {
        auto const when = instant("2026-03-01T11:00:00Z");
        co_return std::optional(
            chat::SignedIn{.user_id = 1, .email = "ada@example.org", .created_at = when, .last_seen_at = when, .teams = {7}});
    }
    Reply<std::optional<chat::ChatSession>> find_session(std::string id, Deadline) override
    {
        chat::ChatSession session;
        session.team_id = 7;
        session.id = std::move(id);
        session.created_at = instant("2026-03-01T11:00:00Z");
        session.participant_user_id = 1;
        co_return std::optional(std::move(session));
    }
    Reply<chat::Started> start(chat::NewChat chat, Deadline) override
    {
        started = std::move(chat);
        co_return chat::Started{.participant_remote_id = started->participant_remote_id, .secret = {.id = 1, .bytes = "secret"}};
    }
    Reply<bool> add_message(domain::TeamId, std::string, std::string sent, chat::StateChange change, Timestamp, Deadline) override
    {
        text = std::move(sent);
        state_after = change ? change(state_before) : std::optional<std::string>();
        co_return true;
    }
    Reply<chat::Polled> poll(chat::PollQuery, Deadline) override { co_return Problem{ProblemCode::internal}; }
};

class ChatBench
{
  public:
    OpenStore store;

    http::Response send(std::string_view path, std::string body_text)
    {
        store.started.reset();
        store.text.reset();
        store.state_after.reset();
        std::string const csrf(32, 'c');
        std::string const cookies = "sessionid=x; csrftoken=" + csrf;
        std::vector<http::Field> const fields{
            {"Content-Type", "application/json"}, {"Cookie", cookies}, {"X-CSRFToken", csrf}, {"Origin", base_url}};
        api::test::GivenBody body(std::move(body_text));
        http::Request request = request_with(fields);
        request.method = http::Method::post;
        request.method_name = "POST";
        request.path = path;
        request.body = &body;
        auto const match = routes.match(request);
        require(match.has_value() && match->operation != nullptr, "the resource is there", path);
        routing::Call const call{principal, request, match->parameter, base_url, Deadline::never()};
        auto response = support::run_coro(match->operation->handle(call));
        return response ? *std::move(response) : http::to_response(response.error());
    }

  private:
    ManualClock clock{instant("2026-03-01T12:00:00Z")};
    telemetry::Telemetry telemetry{{.log_level = "off", .log_queue_lines_max = 64, .log_file = {}}};
    rate_limit::LimiterSettings const unlimited{.enforce = false};
    rate_limit::Limiter limiter{clock, telemetry, unlimited};
    auth::Principal principal;
    std::string base_url = "https://parley.test";
    routing::RouteTable routes{chat::make_resources(store, limiter, clock)};
};

void require_text(std::string_view text, std::size_t characters_max)
{
    require(!find_invalid_utf8(text) && text.find('\0') == std::string_view::npos, "a text can be stored", text);
    require(count_code_points(text) <= characters_max, "a text is within its length", text);
}

void require_started(chat::NewChat const& chat)
{
    require_text(chat.participant_name, 255);
    require_text(chat.participant_remote_id, 255);
    auto const state = json::Document::parse(chat.state.text);
    require(state.has_value() && state->root().is_object(), "session_data is stored as an object", chat.state.text);
    require(json::find_flaw(state->root()) == json::Flaw::none, "session_data can be stored", chat.state.text);
}

// The state has what it had, and the page's words as its member remote_context.
void require_changed(std::string const& state, std::string_view body)
{
    auto const document = json::Document::parse(state, 2000);
    require(document.has_value() && json::find_flaw(document->root()) == json::Flaw::none, "a state can be stored", state);
    auto const root = document->root();
    require(root.size() == 3 && root.find("a") && root.find("a")->text() == "1.10" && root.find("b"), "a state keeps what it had",
            state);
    auto const sent = json::Document::parse(body);
    std::string expected;
    json::append_compact(expected, *sent->root().find("context"), json::ControlCharacters::drop);
    std::string kept;
    json::append_compact(kept, *root.find("remote_context"));
    require(kept == expected, "a page's words are kept as they were sent", state);
}

} // namespace
} // namespace parley::fuzz

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    using namespace parley;
    if (size == 0) return 0;
    static fuzz::ChatBench bench;
    auto const input = fuzz::text_of(data, size);
    auto const body = std::string(input.substr(1));
    bool const is_start = input.front() == 's';
    auto const response = bench.send(is_start ? "/api/chat/start/" : "/api/chat/s-1/message/", body);
    if (response.status >= 400)
    {
        fuzz::require_refusal(response);
        fuzz::require(!bench.store.started && !bench.store.text, "a refused body has written nothing", response.body);
        return 0;
    }
    fuzz::require(response.status == (is_start ? 201 : 202), "what is taken has its status");
    fuzz::require(json::Document::parse(response.body).has_value(), "an answer is JSON", response.body);
    if (is_start)
    {
        fuzz::require_started(*bench.store.started);
        return 0;
    }
    fuzz::require_text(*bench.store.text, body.size());
    fuzz::require(!is_blank(*bench.store.text), "a message says something");
    if (bench.store.state_after) fuzz::require_changed(*bench.store.state_after, body);
    return 0;
}
