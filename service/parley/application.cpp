#include "oauth.hpp"

namespace parley::command
{

namespace
{

Record record_of(store::ApplicationListing const& application)
{
    Record record;
    record.text("name", application.name)
        .text("client_id", application.client_id)
        .text("client_type", application.client_type)
        .text("grant", application.grant_type)
        .text_or_null("team", application.team)
        .texts("redirect_uris", application.redirect_uris);
    if (application.scopes)
        record.texts("scopes", *application.scopes);
    else
        record.text_or_null("scopes", std::nullopt);
    return record.texts("chatbots", application.chatbots)
        .flag("resource_server", application.is_resource_server)
        .text_or_null("owner", application.owner)
        .flag("has_secret", application.has_secret)
        .time("created_at", application.created_at);
}

Record record_of(store::ChangedApplication const& changed)
{
    auto record = record_of(changed.listing);
    return record.number("revoked_access_tokens", changed.revoked.access_tokens)
        .number("revoked_refresh_tokens", changed.revoked.refresh_tokens)
        .number("revoked_codes", changed.revoked.codes);
}

std::string called(store::ApplicationListing const& application)
{
    return "application \"" + application.name + "\"";
}

std::vector<Uuid> read_chatbots(Arguments const& arguments)
{
    std::vector<Uuid> chatbots;
    for (auto const& text : arguments.all("--chatbot"))
    {
        auto const id = Uuid::parse(text);
        if (!id) throw UsageError("--chatbot \"" + text + "\" is not the id of a chatbot: a UUID");
        chatbots.push_back(*id);
    }
    return chatbots;
}

// Nothing where no scope is named: all that its kind may have.
std::optional<std::vector<std::string>> read_scopes(Arguments const& arguments)
{
    if (!arguments.has("--scope")) return std::nullopt;
    return arguments.all("--scope");
}

void show_secret(Invocation const& call, store::IssuedApplication const& issued, std::string const& sentence)
{
    call.output.secret("client_secret", issued.secret,
                       sentence + " Its secret is shown this once only:", record_of(issued.listing));
}

void create(Invocation const& call)
{
    auto const& arguments = call.arguments;
    auto const issued =
        oauth_administration(call).create_application({.name = arguments.text("--name"),
                                                       .client_id = arguments.text("--client-id"),
                                                       .client_type = arguments.find("--type").value_or("confidential"),
                                                       .grant_type = arguments.text("--grant"),
                                                       .team = arguments.text("--team"),
                                                       .owner = arguments.text("--owner"),
                                                       .redirect_uris = arguments.all("--redirect-uri"),
                                                       .scopes = read_scopes(arguments),
                                                       .chatbots = read_chatbots(arguments),
                                                       .is_resource_server = arguments.has("--resource-server")});
    auto const sentence = called(issued.listing) + " is created. Its client id is " + issued.listing.client_id;
    if (issued.secret.empty()) return call.output.done(sentence, record_of(issued.listing));
    show_secret(call, issued, sentence + ".");
}

void list(Invocation const& call)
{
    std::vector<Record> records;
    for (auto const& application : oauth_administration(call).applications(call.arguments.text("--team")))
        records.push_back(record_of(application));
    call.output.list(records);
}

void show(Invocation const& call)
{
    call.output.show(record_of(oauth_administration(call).application(call.arguments.operand(0))));
}

void rename(Invocation const& call)
{
    auto const application = oauth_administration(call).rename_application(call.arguments.operand(0), call.arguments.operand(1));
    call.output.done(called(application) + " is called so from now on", record_of(application));
}

void rotate(Invocation const& call)
{
    auto const issued = oauth_administration(call).rotate_secret(call.arguments.operand(0));
    show_secret(call, issued, called(issued.listing) + " has a new secret; the old one opens nothing any more.");
}

void add_redirect(Invocation const& call)
{
    auto const application = oauth_administration(call).add_redirect_uri(call.arguments.operand(0), call.arguments.operand(1));
    call.output.done(called(application) + " may be sent back to " + call.arguments.operand(1), record_of(application));
}

void remove_redirect(Invocation const& call)
{
    auto const application = oauth_administration(call).remove_redirect_uri(call.arguments.operand(0), call.arguments.operand(1));
    call.output.done(called(application) + " is no longer sent back to " + call.arguments.operand(1), record_of(application));
}

void pin(Invocation const& call)
{
    auto const changed = oauth_administration(call).pin_application(call.arguments.operand(0), call.arguments.operand(1));
    call.output.done(called(changed.listing) + " acts in team \"" + call.arguments.operand(1) + "\" only; " +
                         sentence_of(changed.revoked),
                     record_of(changed));
}

void unpin(Invocation const& call)
{
    auto const application = oauth_administration(call).unpin_application(call.arguments.operand(0));
    call.output.done(called(application) + " acts in the team that the user picks", record_of(application));
}

void set_scopes(Invocation const& call)
{
    auto const scopes = read_scopes(call.arguments);
    if (scopes.has_value() == call.arguments.has("--all")) throw UsageError("either --scope NAME, or --all");
    auto const changed = oauth_administration(call).set_scopes(call.arguments.operand(0), scopes);
    auto const what =
        scopes ? counted(static_cast<std::int64_t>(scopes->size()), "scope") : std::string("every scope of its kind");
    call.output.done(called(changed.listing) + " may have " + what + "; " + sentence_of(changed.revoked), record_of(changed));
}

void set_grant(Invocation const& call)
{
    auto const changed = oauth_administration(call).set_grant_type(call.arguments.operand(0), call.arguments.operand(1));
    call.output.done(called(changed.listing) + " has the grant " + changed.listing.grant_type + "; " +
                         sentence_of(changed.revoked),
                     record_of(changed));
}

void set_chatbots(Invocation const& call)
{
    auto const application = oauth_administration(call).set_chatbots(call.arguments.operand(0), read_chatbots(call.arguments));
    auto const which = application.chatbots.empty()
                           ? "every chatbot"
                           : counted(static_cast<std::int64_t>(application.chatbots.size()), "chatbot") + " only";
    call.output.done(called(application) + " may start chats with " + which, record_of(application));
}

void remove(Invocation const& call)
{
    auto const changed = oauth_administration(call).delete_application(call.arguments.operand(0));
    call.output.done(called(changed.listing) + " is deleted; " + sentence_of(changed.revoked), record_of(changed));
}

std::vector<Option> options_of_create(Option const& scope, Option const& chatbot)
{
    return {{.name = "--name", .value = "NAME", .help = "what people see when they are asked for consent", .is_required = true},
            {.name = "--grant",
             .value = "GRANT",
             .help = "authorization-code (it acts for people) or client-credentials (a machine)",
             .is_required = true},
            {.name = "--type", .value = "TYPE", .help = "confidential (the default) or public: an app that can keep no secret"},
            {.name = "--redirect-uri",
             .value = "URI",
             .help = "where people are sent back to: https, http on a loopback address, or com.example.app:/path; may be given "
                     "several times"},
            {.name = "--team", .value = "TEAM", .help = "pins it to this team; machines need one"},
            scope,
            chatbot,
            {.name = "--resource-server", .value = "", .help = "it may introspect the tokens of every application"},
            {.name = "--owner", .value = "EMAIL", .help = "the user who looks after it"},
            {.name = "--client-id", .value = "ID", .help = "otherwise one is made up"}};
}

} // namespace

Noun application_noun()
{
    Option const scope{.name = "--scope",
                       .value = "NAME",
                       .help = "a scope that it may have; may be given several times; otherwise all of its kind"};
    Option const chatbot{.name = "--chatbot",
                         .value = "UUID",
                         .help = "a chatbot that it may start chats with; may be given several times; otherwise all"};
    return {
        .name = "application",
        .help = "OAuth applications. APPLICATION is a client id, or a name that only one has.",
        .verbs = {
            {.name = "create",
             .operands = {},
             .options = options_of_create(scope, chatbot),
             .help = "Makes an application and shows its secret, this once only, on standard output.",
             .run = create},
            {.name = "list",
             .operands = {},
             .options = {{.name = "--team", .value = "TEAM", .help = "only those pinned to this team"}},
             .help = "Shows applications, without their secrets.",
             .run = list},
            {.name = "show", .operands = {"APPLICATION"}, .options = {}, .help = "Shows one.", .run = show},
            {.name = "rename", .operands = {"APPLICATION", "NAME"}, .options = {}, .help = "Calls it otherwise.", .run = rename},
            {.name = "rotate",
             .operands = {"APPLICATION"},
             .options = {},
             .help = "Gives it a new secret, shown once; the old one opens nothing any more. Its tokens live on.",
             .run = rotate},
            {.name = "add-redirect",
             .operands = {"APPLICATION", "URI"},
             .options = {},
             .help = "Lets people be sent back to one more address.",
             .run = add_redirect},
            {.name = "remove-redirect",
             .operands = {"APPLICATION", "URI"},
             .options = {},
             .help = "Takes an address away.",
             .run = remove_redirect},
            {.name = "pin",
             .operands = {"APPLICATION", "TEAM"},
             .options = {},
             .help = "Lets it act in this team only. Its tokens of other teams are revoked.",
             .run = pin},
            {.name = "unpin",
             .operands = {"APPLICATION"},
             .options = {},
             .help = "Lets users pick the team again. Not for machines.",
             .run = unpin},
            {.name = "set-scopes",
             .operands = {"APPLICATION"},
             .options = {scope, {.name = "--all", .value = "", .help = "every scope of its kind"}},
             .help = "Replaces the scopes that it may have. Access tokens that may do more are revoked.",
             .run = set_scopes},
            {.name = "set-grant",
             .operands = {"APPLICATION", "GRANT"},
             .options = {},
             .help = "authorization-code or client-credentials. All its tokens are revoked when it changes.",
             .run = set_grant},
            {.name = "set-chatbots",
             .operands = {"APPLICATION"},
             .options = {chatbot},
             .help = "Replaces the chatbots that it may start chats with; without any, all.",
             .run = set_chatbots},
            {.name = "delete",
             .operands = {"APPLICATION"},
             .options = {},
             .help = "Takes it away with all its grants and tokens.",
             .run = remove}}};
}

} // namespace parley::command
