#include "nouns.hpp"

namespace parley::command
{

namespace
{

Record record_of(store::TeamListing const& team)
{
    Record record;
    return record.text("slug", team.slug)
        .text("name", team.name)
        .text_or_null("api_rate_limit", team.api_rate_limit)
        .number("members", team.members)
        .time("created_at", team.created_at);
}

void create(Invocation const& call)
{
    auto const& slug = call.arguments.operand(0);
    auto const name = call.arguments.find("--name").value_or(slug);
    call.database.administration().create_team(slug, name, call.arguments.find("--api-rate-limit"));
    call.output.done("team \"" + slug + "\" is created", Record().text("slug", slug).text("name", name));
}

void list(Invocation const& call)
{
    std::vector<Record> records;
    for (auto const& team : call.database.administration().teams())
        records.push_back(record_of(team));
    call.output.list(records);
}

void rename(Invocation const& call)
{
    auto const& slug = call.arguments.operand(0);
    auto const& name = call.arguments.operand(1);
    call.database.administration().rename_team(slug, name);
    call.output.done("team \"" + slug + "\" is called \"" + name + "\"", Record().text("slug", slug).text("name", name));
}

void limit(Invocation const& call)
{
    auto const& slug = call.arguments.operand(0);
    auto const& text = call.arguments.operand(1);
    auto const given = text == "default" ? std::nullopt : std::optional(text);
    call.database.administration().limit_team(slug, given);
    call.output.done("team \"" + slug + "\" has " + (given ? "the API limit " + *given : "no API limit of its own"),
                     Record().text("slug", slug).text_or_null("api_rate_limit", given));
}

} // namespace

Noun team_noun()
{
    return {.name = "team",
            .help = "Teams: what sessions, chatbots and keys belong to.",
            .verbs = {{.name = "create",
                       .operands = {"SLUG"},
                       .options = {{.name = "--name", .value = "NAME", .help = "what people call it; its slug otherwise"},
                                   {.name = "--api-rate-limit", .value = "LIMIT", .help = "its own limit, for example 2000/5m"}},
                       .help = "Makes a team.",
                       .run = create},
                      {.name = "list", .operands = {}, .options = {}, .help = "Shows all teams.", .run = list},
                      {.name = "rename",
                       .operands = {"SLUG", "NAME"},
                       .options = {},
                       .help = "Gives a team another name; its slug stays.",
                       .run = rename},
                      {.name = "set-limit",
                       .operands = {"SLUG", "LIMIT"},
                       .options = {},
                       .help = "Sets a team's own API rate limit, for example 2000/5m; default takes it away.",
                       .run = limit}}};
}

} // namespace parley::command
