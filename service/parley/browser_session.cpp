#include "oauth.hpp"

namespace parley::command
{

namespace
{

Record record_of(store::BrowserSessionListing const& session)
{
    Record record;
    return record.text("id", session.id)
        .text("user", session.email)
        .time("created_at", session.created_at)
        .time("last_seen_at", session.last_seen_at);
}

void list(Invocation const& call)
{
    std::vector<Record> records;
    for (auto const& session : oauth_administration(call).browser_sessions(call.arguments.text("--user")))
        records.push_back(record_of(session));
    call.output.list(records);
}

void end_all(Invocation const& call, std::string const& email)
{
    auto const ended = oauth_administration(call).end_browser_sessions(email);
    call.output.done("user \"" + email + "\" is signed out of " + counted(ended, "browser"),
                     Record().text("user", email).number("ended", ended));
}

void end(Invocation const& call)
{
    auto const id = call.arguments.optional_operand(0);
    auto const email = call.arguments.find("--user");
    if (id.has_value() == email.has_value()) throw UsageError("either ID, or --user EMAIL");
    if (email) return end_all(call, *email);
    auto const session = oauth_administration(call).end_browser_session(*id);
    call.output.done("browser session " + session.id + " of \"" + session.email + "\" is ended", record_of(session));
}

} // namespace

Noun browser_session_noun()
{
    return {.name = "browser-session",
            .help = "Who is signed in, by the beginning of the cookies' digests.",
            .verbs = {{.name = "list",
                       .operands = {},
                       .options = {{.name = "--user", .value = "EMAIL", .help = "only those of this user"}},
                       .help = "Shows them, latest used first.",
                       .run = list},
                      {.name = "end",
                       .operands = {"[ID]"},
                       .options = {{.name = "--user", .value = "EMAIL", .help = "all of this user"}},
                       .help = "Signs a browser out, or a user everywhere.",
                       .run = end}}};
}

} // namespace parley::command
