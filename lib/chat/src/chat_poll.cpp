#include "endpoints.hpp"
#include "poll_query.hpp"

#include "parley/core/json.hpp"

namespace parley::chat
{

namespace
{

// The messages with real links: the mark stands in a JSON string, and so does what replaces it.
void append_linked(std::string& out, std::string_view messages, std::string_view platform_url)
{
    auto const literal = json::to_string_literal(platform_url);
    auto const base = std::string_view(literal).substr(1, literal.size() - 2);
    while (!messages.empty())
    {
        auto const mark = std::min(messages.find(domain::link_base_mark), messages.size());
        out.append(messages.substr(0, mark));
        if (mark < messages.size()) out.append(base);
        messages.remove_prefix(std::min(mark + 1, messages.size()));
    }
}

} // namespace

Answer chat_poll(Services const& services, routing::Call const& call)
{
    auto const session = co_await enter(services, call);
    if (!session) co_return session.error();
    auto const parameters = read_poll_query(call.request.query);
    if (!parameters) co_return parameters.error();

    PollQuery const query{
        .team_id = session->team_id, .session_number = session->number, .since = parameters->since, .limit = parameters->limit};
    auto const polled = co_await services.store.poll(query, call.deadline);
    if (!polled) co_return polled.error();

    http::Response response;
    auto& out = response.body;
    out.reserve(polled->messages.text.size() + 80);
    out += R"({"messages":[)";
    append_linked(out, polled->messages.text, services.platform_url(call));
    out.append(R"(],"has_more":)").append(polled->has_more ? "true" : "false");
    out.append(R"(,"session_status":")").append(session->is_ended ? "ended" : "active").append("\"}");
    co_return response;
}

} // namespace parley::chat
