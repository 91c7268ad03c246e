// The nouns token and grant.
#include "oauth.hpp"

#include <charconv>

namespace parley::command
{

namespace
{

constexpr std::int64_t rows_default = 100;

std::int64_t read_limit(Arguments const& arguments)
{
    auto const text = arguments.find("--limit");
    if (!text) return rows_default;
    std::int64_t count = 0;
    auto const [end, error] = std::from_chars(text->data(), text->data() + text->size(), count);
    if (error != std::errc() || end != text->data() + text->size() || count < 1)
        throw UsageError("--limit \"" + *text + "\": write a number from 1");
    return count;
}

store::TokenSelection selection_of(Arguments const& arguments)
{
    return {.email = arguments.text("--user"), .application = arguments.text("--application"), .team = arguments.text("--team")};
}

std::vector<Option> selection_options()
{
    return {
        {.name = "--user", .value = "EMAIL", .help = "only those of this user"},
        {.name = "--application", .value = "APPLICATION", .help = "only those of the application with this client id or name"},
        {.name = "--team", .value = "TEAM", .help = "only those that act in this team"}};
}

Record record_of(store::Revocation const& revoked)
{
    Record record;
    return record.number("access_tokens", revoked.access_tokens)
        .number("refresh_tokens", revoked.refresh_tokens)
        .number("codes", revoked.codes)
        .number("grants", revoked.grants);
}

Record record_of(store::GrantListing const& grant)
{
    Record record;
    return record.text("application", grant.application)
        .text("client_id", grant.client_id)
        .text("user", grant.email)
        .text_or_null("team", grant.team)
        .texts("scopes", grant.scopes)
        .number("access_tokens", grant.access_tokens)
        .number("refresh_tokens", grant.refresh_tokens)
        .time_or_null("granted_at", grant.granted_at);
}

Record record_of(store::TokenListing const& token)
{
    Record record;
    return record.text("id", token.id)
        .text("kind", token.kind)
        .text("state", token.state)
        .text("application", token.application)
        .text("client_id", token.client_id)
        .text_or_null("user", token.email)
        .text_or_null("team", token.team)
        .text("scope", token.scope)
        .time("created_at", token.created_at)
        .time_or_null("expires_at", token.expires_at);
}

void list_grants(Invocation const& call)
{
    std::vector<Record> records;
    for (auto const& grant : oauth_administration(call).grants(selection_of(call.arguments)))
        records.push_back(record_of(grant));
    call.output.list(records);
}

void revoke_grants(Invocation const& call)
{
    auto const selection = selection_of(call.arguments);
    if (selection.is_empty()) throw UsageError("--user, --application or --team is missing");
    auto const revoked = oauth_administration(call).revoke_grants(selection);
    call.output.done(counted(revoked.grants, "grant") + " and " + sentence_of(revoked), record_of(revoked));
}

void list_tokens(Invocation const& call)
{
    std::vector<Record> records;
    for (auto const& token : oauth_administration(call).tokens(selection_of(call.arguments), read_limit(call.arguments)))
        records.push_back(record_of(token));
    call.output.list(records);
}

void revoke_tokens(Invocation const& call)
{
    auto const id = call.arguments.optional_operand(0);
    auto const selection = selection_of(call.arguments);
    if (id && !selection.is_empty()) throw UsageError("either ID, or --user, --application and --team");
    if (!id && selection.is_empty()) throw UsageError("ID, --user, --application or --team is missing");
    auto const revoked = id ? oauth_administration(call).revoke_token(*id) : oauth_administration(call).revoke_tokens(selection);
    call.output.done(sentence_of(revoked), record_of(revoked));
}

} // namespace

Noun grant_noun()
{
    return {
        .name = "grant",
        .help = "What users have allowed applications to do.",
        .verbs = {{.name = "list",
                   .operands = {},
                   .options = selection_options(),
                   .help = "Shows them, with how many tokens live from each.",
                   .run = list_grants},
                  {.name = "revoke",
                   .operands = {},
                   .options = selection_options(),
                   .help = "Takes them back with their codes and tokens: the user is asked again. At least one option is needed.",
                   .run = revoke_grants}}};
}

Noun token_noun()
{
    auto of_list = selection_options();
    of_list.push_back({.name = "--limit", .value = "N", .help = "how many at most; 100 otherwise"});
    return {.name = "token",
            .help = "OAuth tokens, by the beginning of their digests.",
            .verbs = {{.name = "list",
                       .operands = {},
                       .options = of_list,
                       .help = "Shows the newest, newest first, without their secrets.",
                       .run = list_tokens},
                      {.name = "revoke",
                       .operands = {"[ID]"},
                       .options = selection_options(),
                       .help = "Takes a token out of use at once with all of the same authorization; or all tokens of a user, an "
                               "application or a team.",
                       .run = revoke_tokens}}};
}

} // namespace parley::command
