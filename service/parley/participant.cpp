#include "nouns.hpp"
#include "private_file.hpp"

#include "parley/store/participants.hpp"
#include "parley/world/participant.hpp"

#include <iostream>

namespace parley::command
{

namespace
{

store::ParticipantChoice read_choice(Arguments const& arguments)
{
    return {.team = arguments.text("--team"), .identifier = arguments.operand(0), .platform = arguments.text("--platform")};
}

void export_data(Invocation const& call)
{
    auto const choice = read_choice(call.arguments);
    auto const path = call.arguments.optional_operand(1).value_or("-");
    if (path == "-")
    {
        world::export_participant(call.database.administration(), choice, std::cout);
        return;
    }
    PrivateFile file(path);
    auto const report = world::export_participant(call.database.administration(), choice, file.out());
    file.finish();
    auto const sessions = static_cast<std::int64_t>(report.sessions);
    auto const messages = static_cast<std::int64_t>(report.messages);
    call.output.done("exported " + counted(sessions, "session") + " with " + counted(messages, "message"),
                     Record().number("sessions", sessions).number("messages", messages));
}

Record record_of(store::ParticipantErasure const& erased, bool is_done)
{
    Record record;
    return record.flag("done", is_done)
        .number("participants", erased.participants)
        .number("sessions", erased.sessions)
        .number("messages", erased.messages)
        .number("files", erased.files)
        .number("allowlists", erased.allowlists)
        .texts("external_ids", erased.external_ids);
}

std::string sentence_of(store::ParticipantErasure const& erased)
{
    return counted(erased.participants, "participant") + ", " + counted(erased.sessions, "session") + ", " +
           counted(erased.messages, "message") + ", the names of " + counted(erased.files, "file") + ", and " +
           counted(erased.allowlists, "place") + " in a chatbot's list of who may chat";
}

void show_plan(Invocation const& call, store::ParticipantChoice const& choice)
{
    auto const holdings = store::weigh_participant(call.database.administration(), choice);
    store::ParticipantErasure const planned{.participants = static_cast<std::int64_t>(holdings.participants.size()),
                                            .sessions = holdings.sessions,
                                            .messages = holdings.messages,
                                            .files = holdings.files,
                                            .allowlists = holdings.allowlists,
                                            .external_ids = {}};
    std::vector<std::string> platforms;
    for (auto const& participant : holdings.participants)
        platforms.push_back(participant.platform);
    std::string names;
    for (auto const& platform : platforms)
        names += (names.empty() ? "" : ", ") + platform;
    call.output.done("would erase " + sentence_of(planned) + "\nplatforms: " + (names.empty() ? "none" : names) +
                         "\nNothing was changed. --yes does it; it cannot be taken back.",
                     record_of(planned, false).texts("platforms", platforms));
}

void erase(Invocation const& call)
{
    auto const choice = read_choice(call.arguments);
    if (!call.arguments.has("--yes")) return show_plan(call, choice);
    auto const erased = store::erase_participant(call.database.administration(), choice);
    auto sentence = "erased " + sentence_of(erased);
    for (auto const& id : erased.external_ids)
        sentence += "\nthe contents of this file are elsewhere: " + id;
    call.output.done(sentence, record_of(erased, true));
}

std::vector<Option> options_of_choice()
{
    return {{.name = "--team", .value = "TEAM", .help = "whose participant", .is_required = true},
            {.name = "--platform", .value = "NAME", .help = "only as the team knows them on this platform: api, web, ..."}};
}

} // namespace

Noun export_noun()
{
    return {.name = "export",
            .help = "Writes everything that is kept about one participant of a team.",
            .verbs = {{.name = "",
                       .operands = {"PARTICIPANT", "[FILE]"},
                       .options = options_of_choice(),
                       .help = "Writes one JSON document to FILE or standard output. PARTICIPANT is their identifier.",
                       .run = export_data}}};
}

Noun erase_noun()
{
    auto options = options_of_choice();
    options.push_back({.name = "--yes", .value = "", .help = "do it; without this nothing is changed"});
    return {.name = "erase",
            .help = "Erases everything that is kept about one participant of a team.",
            .verbs = {{.name = "",
                       .operands = {"PARTICIPANT"},
                       .options = std::move(options),
                       .help = "Says what would be erased, and with --yes erases it. PARTICIPANT is their identifier.",
                       .run = erase}}};
}

} // namespace parley::command
