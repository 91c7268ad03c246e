#include "nouns.hpp"
#include "password_prompt.hpp"

#include "parley/auth/password_hash.hpp"

namespace parley::command
{

namespace
{

std::vector<Option> password_options()
{
    return {{.name = "--password", .value = "", .help = "asks for one at the terminal"},
            {.name = "--password-file", .value = "FILE", .help = "the first line of this file; - is standard input"}};
}

// The hash of the password that the options say; nothing when they say none.
std::optional<std::string> password_hash(Arguments const& arguments)
{
    auto const file = arguments.find("--password-file");
    if (file && arguments.has("--password")) throw UsageError("either --password or --password-file, not both");
    if (file) return auth::hash_password(read_password(*file));
    if (arguments.has("--password")) return auth::hash_password(ask_password_twice());
    return std::nullopt;
}

void create(Invocation const& call)
{
    auto const& email = call.arguments.operand(0);
    auto const hash = password_hash(call.arguments);
    call.database.administration().create_user({.email = email,
                                                .first_name = call.arguments.text("--first-name"),
                                                .last_name = call.arguments.text("--last-name"),
                                                .password_hash = hash.value_or("")});
    call.output.done("user \"" + email + "\" is created" + (hash ? "" : " without a password"),
                     Record().text("email", email).flag("has_password", hash.has_value()));
}

void list(Invocation const& call)
{
    std::vector<Record> records;
    for (auto const& user : call.database.administration().users())
        records.push_back(Record()
                              .text("email", user.email)
                              .text("first_name", user.first_name)
                              .text("last_name", user.last_name)
                              .flag("active", user.is_active)
                              .flag("email_verified", user.email_verified)
                              .flag("has_password", user.has_password)
                              .texts("teams", user.teams)
                              .time_or_null("last_login", user.last_login)
                              .time("created_at", user.created_at));
    call.output.list(records);
}

void activate(Invocation const& call)
{
    auto const& email = call.arguments.operand(0);
    call.database.administration().activate_user(email);
    call.output.done("user \"" + email + "\" is active", Record().text("email", email).flag("active", true));
}

void deactivate(Invocation const& call)
{
    auto const& email = call.arguments.operand(0);
    call.database.administration().deactivate_user(email);
    call.output.done("user \"" + email + "\" is inactive: their keys, tokens and logins open nothing",
                     Record().text("email", email).flag("active", false));
}

void set_password(Invocation const& call)
{
    auto const& email = call.arguments.operand(0);
    auto const is_none = call.arguments.has("--none");
    auto const hash = password_hash(call.arguments);
    if (is_none && hash) throw UsageError("either --none or a password, not both");
    if (!is_none && !hash) throw UsageError("--password, --password-file FILE or --none is missing");
    call.database.administration().set_password(email, hash.value_or(""));
    call.output.done("user \"" + email + "\" has " + (hash ? "a new password" : "no password") + ", and is signed out everywhere",
                     Record().text("email", email).flag("has_password", hash.has_value()));
}

} // namespace

Noun user_noun()
{
    std::vector<Option> of_create{
        {.name = "--first-name", .value = "NAME", .help = "shown to applications that ask who signed in"},
        {.name = "--last-name", .value = "NAME", .help = "the same"}};
    auto of_password = password_options();
    of_create.insert(of_create.end(), of_password.begin(), of_password.end());
    of_password.push_back({.name = "--none", .value = "", .help = "takes the password away: no login by password any more"});
    return {
        .name = "user",
        .help = "Users: people, known by their e-mail.",
        .verbs = {{.name = "create",
                   .operands = {"EMAIL"},
                   .options = of_create,
                   .help = "Makes a user; without a password they cannot sign in.",
                   .run = create},
                  {.name = "list", .operands = {}, .options = {}, .help = "Shows all users.", .run = list},
                  {.name = "activate", .operands = {"EMAIL"}, .options = {}, .help = "Lets a user in again.", .run = activate},
                  {.name = "deactivate",
                   .operands = {"EMAIL"},
                   .options = {},
                   .help = "Shuts a user out at once: keys, tokens and logins open nothing until they are activated.",
                   .run = deactivate},
                  {.name = "password",
                   .operands = {"EMAIL"},
                   .options = of_password,
                   .help = "Sets a user's password and ends their logins.",
                   .run = set_password}}};
}

} // namespace parley::command
