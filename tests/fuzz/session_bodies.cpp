// The JSON bodies of the operations on sessions, through their handlers. The first byte says which operation: c creates, s sets
// the state, t adds tags, r removes tags, m appends messages, e ends.
#include "boost_reading.hpp"
#include "promise.hpp"

#include "api/api_bench.hpp"

#include "parley/core/text.hpp"
#include "parley/schema/limits.hpp"

#include <algorithm>

namespace parley::fuzz
{
namespace
{

using api::test::ApiBench;

// The member's value as Boost.JSON reads it; nothing where it does not read the text.
std::optional<boost::json::value> member_of(std::string_view text, std::string_view name)
{
    auto const value = read_by_boost(text, schema::json_depth_max).value;
    if (!value || !value->is_object()) return std::nullopt;
    auto const* const member = value->as_object().if_contains(name);
    return member == nullptr ? std::nullopt : std::optional(*member);
}

// Control characters are dropped from a state's texts: only where there can be none do both readings have to be equal.
bool may_have_control_characters(std::string_view body)
{
    return body.find("\\u") != std::string_view::npos || body.find("\\b") != std::string_view::npos ||
           body.find("\\f") != std::string_view::npos;
}

void require_same_state(std::string_view body, std::string const& stored)
{
    auto const document = json::Document::parse(stored);
    require(document.has_value(), "a state that is stored is JSON", stored);
    require(json::find_flaw(document->root()) == json::Flaw::none, "a state that is stored can be stored", stored);
    auto const sent = member_of(body, "state");
    if (!sent || may_have_control_characters(body)) return;
    auto const kept = read_by_boost(stored, schema::json_depth_max).value;
    require(kept && are_same(*kept, *sent), "a state that is stored is the one that was sent", stored);
}

void require_text(std::string_view text, std::size_t characters_max, char const* what)
{
    require(!find_invalid_utf8(text) && text.find('\0') == std::string_view::npos, what, text);
    require(!is_blank(text) && count_code_points(text) <= characters_max, what, text);
}

void require_names(std::vector<std::string> const& names, std::size_t characters_max)
{
    require(!names.empty(), "tags that are stored are some");
    for (auto const& name : names)
    {
        require_text(name, characters_max, "a tag is a text within its length");
        require(std::count(names.begin(), names.end(), name) == 1, "a tag is named once", name);
    }
}

void require_created(ApiBench const& bench, std::string_view body)
{
    require(bench.store.new_session.has_value(), "a session that is answered was made");
    auto const& session = *bench.store.new_session;
    require_text(session.participant_identifier, schema::participant_identifier_max, "a participant is a text within its length");
    if (member_of(body, "state"))
        require_same_state(body, session.state.text);
    else
        require(json::Document::parse(session.state.text).has_value(), "a state that is stored is JSON");
    auto const messages = member_of(body, "messages");
    if (messages) require(messages->as_array().size() == session.messages.size(), "every message is kept");
    Timestamp last = Timestamp::min();
    for (auto const& message : session.messages)
    {
        require(json::Document::parse(message.rendered).has_value(), "a message is JSON", message.rendered);
        require(message.created_at > last, "every message has a moment of its own");
        last = message.created_at;
    }
}

void require_added(std::vector<domain::AddedMessage> const& messages, std::string_view body)
{
    require(!messages.empty() && messages.size() <= schema::messages_appended_max, "a batch of messages is bounded");
    for (auto const& message : messages)
        require_text(message.content, body.size(), "a message is a text");
    if (auto const sent = member_of(body, "messages"))
        require(sent->as_array().size() == messages.size(), "every message is kept");
}

// What is done for the first byte.
api::test::Sent asked(char operation)
{
    switch (operation)
    {
    case 's':
        return {.method = "PATCH", .path = "/api/sessions/s-1/update_state/"};
    case 't':
        return {.method = "POST", .path = "/api/sessions/s-1/tags/"};
    case 'r':
        return {.method = "DELETE", .path = "/api/sessions/s-1/tags/"};
    case 'm':
        return {.method = "POST", .path = "/api/v2/sessions/s-1/messages/"};
    case 'e':
        return {.method = "POST", .path = "/api/sessions/s-1/end_experiment_session/"};
    default:
        return {.method = "POST", .path = "/api/sessions/"};
    }
}

void require_done(ApiBench const& bench, char operation, std::string_view body)
{
    switch (operation)
    {
    case 's':
        return require_same_state(body, bench.store.state);
    case 't':
        return require_names(bench.store.names, schema::tag_name_max);
    case 'r':
        return require_names(bench.store.names, body.size());
    case 'm':
        return require_added(bench.store.added, body);
    case 'e':
        return;
    default:
        return require_created(bench, body);
    }
}

} // namespace
} // namespace parley::fuzz

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    using namespace parley;
    if (size == 0) return 0;
    static api::test::ApiBench bench;
    auto const input = fuzz::text_of(data, size);
    bench.store.verbs.clear();
    bench.store.new_session.reset();
    auto sent = fuzz::asked(input.front());
    sent.body = input.substr(1);
    auto const response = bench.send(sent);
    if (response.status >= 400)
    {
        fuzz::require_refusal(response);
        fuzz::require(response.status == 400, "a body in JSON's type is refused with 400 only", response.body);
        auto const writes = [](std::string const& verb) { return verb != "check_experiment"; };
        auto const& verbs = bench.store.verbs;
        fuzz::require(std::none_of(verbs.begin(), verbs.end(), writes), "a refused body has written nothing");
        return 0;
    }
    fuzz::require(response.body.empty() || json::Document::parse(response.body).has_value(), "an answer is JSON", response.body);
    fuzz::require_done(bench, input.front(), sent.body);
    return 0;
}
