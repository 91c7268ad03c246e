#include "nouns.hpp"

#include <charconv>

namespace parley::command
{

namespace
{

Record record_of(store::ChannelListing const& channel)
{
    Record record;
    record.number("id", channel.id)
        .text("team", channel.team)
        .text("chatbot", channel.experiment.text())
        .text("chatbot_name", channel.experiment_name)
        .text("name", channel.name)
        .number("level", channel.auth_level)
        .text("mode", channel.credential_mode)
        .flag("enabled", channel.is_enabled)
        .flag("has_key", channel.has_key)
        .texts("origins", channel.origins);
    if (channel.token_days) record.number("token_days", *channel.token_days);
    return record.text("disabled_message", channel.disabled_message).time("created_at", channel.created_at);
}

std::int64_t read_number(std::string const& what, std::string const& text)
{
    std::int64_t number = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number < 1)
        throw UsageError(what + " \"" + text + "\": write a number");
    return number;
}

std::int64_t id_of(Invocation const& call)
{
    return read_number("ID", call.arguments.operand(0));
}

int level_of(std::string const& word)
{
    if (word.empty() || word == "token") return 2;
    if (word == "key") return 1;
    if (word == "nothing") return 0;
    throw UsageError("--level \"" + word + "\": write token, key or nothing");
}

void show_key(Invocation const& call, store::IssuedChannel const& issued, std::string const& sentence)
{
    call.output.secret("embed_key", issued.embed_key,
                       sentence + " Its embed key is shown this once only:", record_of(issued.listing));
}

void create(Invocation const& call)
{
    auto const chatbot = Uuid::parse(call.arguments.text("--chatbot"));
    if (!chatbot) throw UsageError("--chatbot must be the id of a chatbot: a UUID");
    store::NewChannel channel{.experiment = *chatbot,
                              .name = call.arguments.text("--name"),
                              .origins = call.arguments.all("--origin"),
                              .auth_level = level_of(call.arguments.text("--level")),
                              .takes_oauth = call.arguments.has("--oauth"),
                              .token_days = {}};
    if (auto const days = call.arguments.find("--token-days")) channel.token_days = read_number("--token-days", *days);
    auto const issued = call.database.administration().create_channel(channel);
    auto const sentence = "channel \"" + channel.name + "\" is created: " + std::to_string(issued.listing.id) + ".";
    if (issued.embed_key.empty()) return call.output.done(sentence, record_of(issued.listing));
    show_key(call, issued, sentence);
}

void list(Invocation const& call)
{
    std::vector<Record> records;
    for (auto const& channel : call.database.administration().channels(call.arguments.text("--team")))
        records.push_back(record_of(channel));
    call.output.list(records);
}

void enable(Invocation const& call)
{
    auto const channel = call.database.administration().enable_channel(id_of(call));
    call.output.done("channel \"" + channel.name + "\" takes chats again", record_of(channel));
}

void disable(Invocation const& call)
{
    auto const message = call.arguments.find("--message").value_or("This chatbot is not available at the moment.");
    auto const channel = call.database.administration().disable_channel(id_of(call), message);
    call.output.done("channel \"" + channel.name + "\" takes no chats and no messages", record_of(channel));
}

void rotate(Invocation const& call)
{
    auto const issued = call.database.administration().rotate_channel(id_of(call));
    show_key(call, issued, "channel \"" + issued.listing.name + "\" has a new key; the old one opens nothing any more.");
}

void set_origins(Invocation const& call)
{
    auto const channel = call.database.administration().set_channel_origins(id_of(call), call.arguments.all("--origin"));
    call.output.done("channel \"" + channel.name + "\" may be used from " + std::to_string(channel.origins.size()) + " origins",
                     record_of(channel));
}

void remove(Invocation const& call)
{
    auto const channel = call.database.administration().delete_channel(id_of(call));
    call.output.done("channel \"" + channel.name + "\" is deleted; its sessions stay", record_of(channel));
}

} // namespace

Noun channel_noun()
{
    Option const origin{.name = "--origin",
                        .value = "HOST",
                        .help = "from which site: example.org, *.example.org for all below it, or *; may be given several times"};
    return {
        .name = "channel",
        .help = "Channels: where a chatbot's widget may be used.",
        .verbs = {
            {.name = "create",
             .operands = {},
             .options = {{.name = "--chatbot", .value = "UUID", .help = "the chatbot", .is_required = true},
                         {.name = "--name", .value = "NAME", .help = "what people call it", .is_required = true},
                         origin,
                         {.name = "--level",
                          .value = "WORD",
                          .help = "what later calls of a chat must show: token (the default), key or nothing"},
                         {.name = "--oauth", .value = "", .help = "chats are started with a machine's access token only"},
                         {.name = "--token-days",
                          .value = "N",
                          .help = "how long session tokens live; otherwise as the service is set"}},
             .help = "Makes a channel and shows its embed key, this once only, on standard output.",
             .run = create},
            {.name = "list",
             .operands = {},
             .options = {{.name = "--team", .value = "TEAM", .help = "only those of this team"}},
             .help = "Shows channels, without their keys.",
             .run = list},
            {.name = "enable", .operands = {"ID"}, .options = {}, .help = "Lets it take chats again.", .run = enable},
            {.name = "disable",
             .operands = {"ID"},
             .options = {{.name = "--message", .value = "TEXT", .help = "what callers are told"}},
             .help = "Lets it take no chats and no messages; what was said can still be read.",
             .run = disable},
            {.name = "rotate",
             .operands = {"ID"},
             .options = {},
             .help = "Gives it a new embed key, shown once; the old one opens nothing any more.",
             .run = rotate},
            {.name = "set-origins",
             .operands = {"ID"},
             .options = {origin},
             .help = "Replaces the sites it may be used from; without any, none.",
             .run = set_origins},
            {.name = "delete", .operands = {"ID"}, .options = {}, .help = "Takes it away; its sessions stay.", .run = remove}}};
}

} // namespace parley::command
