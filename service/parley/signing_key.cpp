#include "file_reading.hpp"
#include "oauth.hpp"

#include <charconv>

namespace parley::command
{

namespace
{

constexpr int bits_default = 2048;

Record record_of(store::SigningKeyListing const& key)
{
    Record record;
    return record.text("kid", key.kid)
        .text("state", key.state)
        .time("created_at", key.created_at)
        .time("signs_from", key.signs_from)
        .time_or_null("retired_at", key.retired_at)
        .time_or_null("published_until", key.published_until);
}

int read_bits(Arguments const& arguments)
{
    auto const text = arguments.find("--bits");
    if (!text) return bits_default;
    int bits = 0;
    auto const [end, error] = std::from_chars(text->data(), text->data() + text->size(), bits);
    if (error != std::errc() || end != text->data() + text->size()) throw UsageError("--bits \"" + *text + "\": write a number");
    return bits;
}

void list(Invocation const& call)
{
    std::vector<Record> records;
    for (auto const& key : oauth_administration(call).signing_keys())
        records.push_back(record_of(key));
    call.output.list(records);
}

void add(Invocation const& call)
{
    auto const file = call.arguments.find("--private-key");
    if (file && call.arguments.has("--bits")) throw UsageError("either --bits or --private-key, not both");
    auto const bits = read_bits(call.arguments);
    auto const pem = file ? std::optional(read_all(*file)) : std::nullopt;
    auto const key = oauth_administration(call).add_signing_key(bits, pem);
    call.output.done(
        "signing key " + key.kid + " is published, and signs " +
            (key.state == "signing" ? "at once: there is no other" : "from " + format_timestamp(key.signs_from) + " on"),
        record_of(key));
}

void retire(Invocation const& call)
{
    auto const key = oauth_administration(call).retire_signing_key(call.arguments.operand(0), call.arguments.has("--at-once"));
    call.output.done("signing key " + key.kid + " signs no more; it is published until " + format_timestamp(*key.published_until),
                     record_of(key));
}

void remove(Invocation const& call)
{
    auto const key = oauth_administration(call).remove_signing_key(call.arguments.operand(0), call.arguments.has("--at-once"));
    call.output.done("signing key " + key.kid + " is gone", record_of(key));
}

} // namespace

Noun signing_key_noun()
{
    return {
        .name = "signing-key",
        .help = "The keys that sign ID tokens. KID may be its beginning.",
        .verbs = {{.name = "list", .operands = {}, .options = {}, .help = "Shows them, oldest first.", .run = list},
                  {.name = "add",
                   .operands = {},
                   .options = {{.name = "--bits", .value = "N", .help = "2048 (the default) to 8192"},
                               {.name = "--private-key",
                                .value = "FILE",
                                .help = "takes this RSA key (PEM, without a passphrase) and makes none; - is standard input"}},
                   .help = "Makes a key. It is published at once, and signs when every client has had time to see it.",
                   .run = add},
                  {.name = "retire",
                   .operands = {"KID"},
                   .options = {{.name = "--at-once", .value = "", .help = "even though no other key is ready: after a leak"}},
                   .help = "Lets it sign no more. It is published until the last ID token that it signed has expired.",
                   .run = retire},
                  {.name = "remove",
                   .operands = {"KID"},
                   .options = {{.name = "--at-once",
                                .value = "",
                                .help = "even though tokens that it signed are still out there: after a leak"}},
                   .help = "Takes a retired key away.",
                   .run = remove}}};
}

} // namespace parley::command
