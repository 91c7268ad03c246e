#include "nouns.hpp"

namespace parley::command
{

namespace
{

Record record_of(store::ExperimentListing const& experiment)
{
    Record record;
    return record.text("id", experiment.id.text())
        .text("team", experiment.team)
        .text("name", experiment.name)
        .number("version_number", experiment.version_number)
        .text_or_null("working", experiment.working ? std::optional(experiment.working->str()) : std::nullopt)
        .flag("default", experiment.is_default)
        .flag("archived", experiment.is_archived)
        .number("sessions", experiment.sessions)
        .text("version_description", experiment.version_description)
        .text_or_null("description", experiment.description);
}

Uuid read_id(std::string const& text)
{
    auto const id = Uuid::parse(text);
    if (!id) throw UsageError("\"" + text + "\" is not the id of a chatbot: a UUID");
    return *id;
}

void create(Invocation const& call)
{
    store::NewExperiment experiment{.team = call.arguments.text("--team"),
                                    .name = call.arguments.text("--name"),
                                    .description = call.arguments.find("--description"),
                                    .id = {}};
    if (auto const id = call.arguments.find("--id")) experiment.id = read_id(*id);
    auto const id = call.database.administration().create_experiment(experiment);
    call.output.done("chatbot \"" + experiment.name + "\" is created: " + id.str(),
                     Record().text("id", id.text()).text("team", experiment.team).text("name", experiment.name));
}

void list(Invocation const& call)
{
    std::vector<Record> records;
    for (auto const& experiment : call.database.administration().experiments(call.arguments.text("--team")))
        records.push_back(record_of(experiment));
    call.output.list(records);
}

void publish(Invocation const& call)
{
    auto const version = call.database.administration().publish({.head = read_id(call.arguments.operand(0)),
                                                                 .description = call.arguments.text("--description"),
                                                                 .becomes_default = call.arguments.has("--default")});
    call.output.done("version " + std::to_string(version.version_number) + " of \"" + version.name +
                         "\" is published: " + version.id.str(),
                     record_of(version));
}

void archive(Invocation const& call)
{
    auto const id = read_id(call.arguments.operand(0));
    call.database.administration().archive_experiment(id);
    call.output.done("chatbot " + id.str() + " is archived: it takes no new sessions",
                     Record().text("id", id.text()).flag("archived", true));
}

void unarchive(Invocation const& call)
{
    auto const id = read_id(call.arguments.operand(0));
    call.database.administration().unarchive_experiment(id);
    call.output.done("chatbot " + id.str() + " takes sessions again", Record().text("id", id.text()).flag("archived", false));
}

} // namespace

Noun experiment_noun()
{
    return {
        .name = "experiment",
        .help = "Experiments: chatbots, and the versions of them that were published.",
        .verbs = {
            {.name = "create",
             .operands = {},
             .options = {{.name = "--team", .value = "TEAM", .help = "whose it is", .is_required = true},
                         {.name = "--name", .value = "NAME", .help = "what people call it", .is_required = true},
                         {.name = "--description", .value = "TEXT", .help = "what it is for"},
                         {.name = "--id", .value = "UUID", .help = "its id, where it has one already; a new one otherwise"}},
             .help = "Makes a chatbot.",
             .run = create},
            {.name = "list",
             .operands = {},
             .options = {{.name = "--team", .value = "TEAM", .help = "only those of this team"}},
             .help = "Shows chatbots, each followed by its versions.",
             .run = list},
            {.name = "publish",
             .operands = {"ID"},
             .options = {{.name = "--description", .value = "TEXT", .help = "what is new in it"},
                         {.name = "--default", .value = "", .help = "it becomes the default version; the first one does anyway"}},
             .help = "Publishes what a chatbot is now as a version with an id of its own.",
             .run = publish},
            {.name = "archive",
             .operands = {"ID"},
             .options = {},
             .help = "Lets a chatbot or a version take no new sessions.",
             .run = archive},
            {.name = "unarchive", .operands = {"ID"}, .options = {}, .help = "Brings it back.", .run = unarchive}}};
}

} // namespace parley::command
