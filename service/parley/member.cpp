#include "nouns.hpp"

namespace parley::command
{

namespace
{

Record record_of(std::string const& team, std::string const& email, std::vector<std::string> const& roles)
{
    Record record;
    return record.text("team", team).text("email", email).texts("roles", roles);
}

void add(Invocation const& call)
{
    auto const& team = call.arguments.operand(0);
    auto const& email = call.arguments.operand(1);
    auto const roles = call.arguments.all("--role");
    call.database.administration().add_member(team, email, roles);
    call.output.done("user \"" + email + "\" is in team \"" + team + "\"", record_of(team, email, roles));
}

void set_roles(Invocation const& call)
{
    auto const& team = call.arguments.operand(0);
    auto const& email = call.arguments.operand(1);
    auto const roles = call.arguments.all("--role");
    call.database.administration().set_member_roles(team, email, roles);
    call.output.done("user \"" + email + "\" has " + std::to_string(roles.size()) + " roles in team \"" + team + "\"",
                     record_of(team, email, roles));
}

void remove(Invocation const& call)
{
    auto const& team = call.arguments.operand(0);
    auto const& email = call.arguments.operand(1);
    call.database.administration().remove_member(team, email);
    call.output.done("user \"" + email + "\" is not in team \"" + team + "\" any more",
                     Record().text("team", team).text("email", email));
}

void list(Invocation const& call)
{
    std::vector<Record> records;
    for (auto const& member : call.database.administration().members(call.arguments.optional_operand(0).value_or("")))
        records.push_back(record_of(member.team, member.email, member.roles).flag("active", member.is_active));
    call.output.list(records);
}

} // namespace

Noun member_noun()
{
    Option const role{.name = "--role", .value = "ROLE", .help = "a role in the team; may be given several times"};
    return {.name = "member",
            .help = "Members: which users are in which team, and in which roles.",
            .verbs = {{.name = "add",
                       .operands = {"TEAM", "EMAIL"},
                       .options = {role},
                       .help = "Makes a user a member of a team.",
                       .run = add},
                      {.name = "set-roles",
                       .operands = {"TEAM", "EMAIL"},
                       .options = {role},
                       .help = "Gives a member exactly these roles, or none.",
                       .run = set_roles},
                      {.name = "remove",
                       .operands = {"TEAM", "EMAIL"},
                       .options = {},
                       .help = "Takes a user out of a team: their keys of it open nothing any more.",
                       .run = remove},
                      {.name = "list",
                       .operands = {"[TEAM]"},
                       .options = {},
                       .help = "Shows the members of a team, or of all.",
                       .run = list}}};
}

} // namespace parley::command
