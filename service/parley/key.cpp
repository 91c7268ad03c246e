#include "nouns.hpp"
#include "time_reading.hpp"

#include <charconv>

namespace parley::command
{

namespace
{

Record record_of(store::KeyListing const& key)
{
    Record record;
    return record.number("id", key.id)
        .text("prefix", key.prefix)
        .text("name", key.name)
        .text("team", key.team)
        .text("user", key.email)
        .flag("read_only", key.read_only)
        .flag("revoked", key.is_revoked)
        .time_or_null("expires_at", key.expires_at)
        .time("created_at", key.created_at);
}

std::int64_t read_id(std::string const& text)
{
    std::int64_t id = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
    if (error != std::errc() || end != text.data() + text.size() || id < 1)
        throw UsageError("--id \"" + text + "\": write a number");
    return id;
}

// A whole key, <prefix>.<secret>, is as good as its prefix. The secret goes no further: not to the database, not into a sentence.
std::string prefix_of_whole_key(std::string const& text)
{
    constexpr std::size_t prefix_length = 8;
    constexpr std::size_t key_length = prefix_length + 1 + 43;
    return text.size() == key_length && text[prefix_length] == '.' ? text.substr(0, prefix_length) : text;
}

store::KeyChoice choice_of(Arguments const& arguments)
{
    auto const text = arguments.optional_operand(0);
    auto const id = arguments.find("--id");
    if (text && id) throw UsageError("either KEY or --id, not both");
    if (!text && !id) throw UsageError("KEY or --id ID is missing");
    return {.id = id ? read_id(*id) : 0, .text = prefix_of_whole_key(text.value_or("")), .team = arguments.text("--team")};
}

void create(Invocation const& call)
{
    auto const now = call.database.clock().now();
    store::NewKey key{.team = call.arguments.text("--team"),
                      .email = call.arguments.text("--user"),
                      .name = call.arguments.text("--name"),
                      .read_only = call.arguments.has("--read-only"),
                      .expires_at = {}};
    if (auto const expires = call.arguments.find("--expires")) key.expires_at = read_moment("--expires", *expires, now);
    auto const issued = call.database.administration().create_key(key);
    call.output.secret("key", issued.key,
                       "API key \"" + key.name + "\" is created. It is shown this once only:", record_of(issued.listing));
}

void list(Invocation const& call)
{
    std::vector<Record> records;
    for (auto const& key : call.database.administration().keys(call.arguments.text("--team")))
        records.push_back(record_of(key));
    call.output.list(records);
}

void rotate(Invocation const& call)
{
    auto const choice = choice_of(call.arguments);
    auto const grace = call.arguments.find("--grace");
    auto const seconds = grace ? read_duration("--grace", *grace) : std::chrono::seconds::zero();
    auto const issued = call.database.administration().rotate_key(choice, seconds);
    call.output.secret("key", issued.key,
                       "API key \"" + issued.listing.name + "\" has a successor; the old one " +
                           (seconds.count() > 0 ? "works for another " + *grace : "is revoked") +
                           ". The new one is shown this once only:",
                       record_of(issued.listing));
}

void revoke(Invocation const& call)
{
    auto const revoked = call.database.administration().revoke_key(choice_of(call.arguments));
    call.output.done("API key \"" + revoked.name + "\" (" + revoked.prefix + ") opens nothing any more", record_of(revoked));
}

} // namespace

Noun key_noun()
{
    Option const of_team{.name = "--team", .value = "TEAM", .help = "only keys of this team"};
    Option const id{.name = "--id", .value = "ID", .help = "the key's number, where prefix or name fit several"};
    return {.name = "key",
            .help = "API keys: how programs act as a user in a team.",
            .verbs = {
                {.name = "create",
                 .operands = {},
                 .options = {{.name = "--team", .value = "TEAM", .help = "the team it acts in", .is_required = true},
                             {.name = "--user", .value = "EMAIL", .help = "the member it acts as", .is_required = true},
                             {.name = "--name", .value = "NAME", .help = "what it is for", .is_required = true},
                             {.name = "--read-only", .value = "", .help = "it reads and changes nothing"},
                             {.name = "--expires",
                              .value = "WHEN",
                              .help = "2027-01-01T00:00:00Z, 2027-01-01, or so long from now: 30d"}},
                 .help = "Makes a key and shows it, this once only, on standard output.",
                 .run = create},
                {.name = "list", .operands = {}, .options = {of_team}, .help = "Shows keys, without their secrets.", .run = list},
                {.name = "rotate",
                 .operands = {"[KEY]"},
                 .options = {of_team,
                             id,
                             {.name = "--grace", .value = "TIME", .help = "how long the old key still works, for example 1h"}},
                 .help = "Makes a new key like that of this prefix or name, shows it once, and revokes the old one.",
                 .run = rotate},
                {.name = "revoke",
                 .operands = {"[KEY]"},
                 .options = {of_team, id},
                 .help = "Takes a key, by its prefix or name, out of use at once.",
                 .run = revoke}}};
}

} // namespace parley::command
