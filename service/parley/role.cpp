#include "nouns.hpp"

namespace parley::command
{

namespace
{

// "view" is short for view_experimentsession.
std::vector<std::string> permissions_of(Arguments const& arguments)
{
    std::vector<std::string> permissions;
    for (auto const& word : arguments.all("--permission"))
        permissions.push_back(word.find('_') == std::string::npos ? word + "_experimentsession" : word);
    return permissions;
}

void create(Invocation const& call)
{
    auto const& name = call.arguments.operand(0);
    auto const permissions = permissions_of(call.arguments);
    call.database.administration().create_role(name, permissions);
    call.output.done("role \"" + name + "\" is created", Record().text("name", name).texts("permissions", permissions));
}

void set_permissions(Invocation const& call)
{
    auto const& name = call.arguments.operand(0);
    auto const permissions = permissions_of(call.arguments);
    call.database.administration().set_role_permissions(name, permissions);
    call.output.done("role \"" + name + "\" has " + std::to_string(permissions.size()) + " permissions",
                     Record().text("name", name).texts("permissions", permissions));
}

void list(Invocation const& call)
{
    std::vector<Record> records;
    for (auto const& role : call.database.administration().roles())
        records.push_back(
            Record().text("name", role.name).number("members", role.members).texts("permissions", role.permissions));
    call.output.list(records);
}

} // namespace

Noun role_noun()
{
    Option const permission{
        .name = "--permission", .value = "WORD", .help = "view, add, change or delete (sessions); may be given several times"};
    return {.name = "role",
            .help = "Roles: what members may do with their team's sessions.",
            .verbs = {{.name = "create",
                       .operands = {"NAME"},
                       .options = {permission},
                       .help = "Makes a role with these permissions.",
                       .run = create},
                      {.name = "set-permissions",
                       .operands = {"NAME"},
                       .options = {permission},
                       .help = "Gives a role exactly these permissions, or none, in every team.",
                       .run = set_permissions},
                      {.name = "list", .operands = {}, .options = {}, .help = "Shows all roles.", .run = list}}};
}

} // namespace parley::command
