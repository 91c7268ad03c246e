#include "file_reading.hpp"
#include "nouns.hpp"
#include "private_file.hpp"

#include "parley/world/load.hpp"
#include "parley/world/synthetic.hpp"

#include <filesystem>
#include <iostream>

namespace parley::command
{

namespace
{

namespace fs = std::filesystem;

Record record_of(world::LoadReport const& report)
{
    auto const number = [](std::size_t count) { return static_cast<std::int64_t>(count); };
    Record record;
    return record.number("teams", number(report.teams))
        .number("users", number(report.users))
        .number("sessions", number(report.sessions))
        .number("messages", number(report.messages));
}

std::string sentence_of(world::LoadReport const& report)
{
    return std::to_string(report.teams) + " teams, " + std::to_string(report.users) + " users, " +
           std::to_string(report.sessions) + " sessions and " + std::to_string(report.messages) + " messages";
}

void load_file(Invocation const& call, std::string const& path)
{
    auto const text = read_all(path);
    auto const source = path == "-" ? std::string("standard input") : fs::path(path).filename().string();
    auto const report = world::load(call.database.administration(), text, source);
    call.output.done("loaded " + sentence_of(report), record_of(report));
}

world::SyntheticSettings read_synthetic(std::string const& text)
{
    try
    {
        return world::parse_synthetic(text);
    }
    catch (std::invalid_argument const& error)
    {
        throw UsageError(std::string("--synthetic: ") + error.what());
    }
}

void load_synthetic(Invocation const& call, std::string const& text)
{
    auto const settings = read_synthetic(text);
    auto const keys_path = call.arguments.find("--keys");
    std::optional<PrivateFile> keys;
    if (keys_path) keys.emplace(*keys_path);
    auto const progress = [](std::size_t sessions) { std::cerr << sessions << " sessions\n"; };
    auto const report = world::synthesize(call.database.administration(), settings, call.database.clock(), progress);
    auto record = record_of(report.rows);
    if (!keys)
    {
        if (call.output.is_json())
            record.texts("keys", report.keys);
        else
            for (auto const& key : report.keys)
                std::cout << key << '\n';
    }
    else
    {
        for (auto const& key : report.keys)
            keys->out() << key << '\n';
        keys->finish();
    }
    if (call.output.is_json() || keys) call.output.done("made " + sentence_of(report.rows), record);
}

void load(Invocation const& call)
{
    auto const path = call.arguments.optional_operand(0);
    auto const synthetic = call.arguments.find("--synthetic");
    if (path && synthetic) throw UsageError("either FILE or --synthetic, not both");
    if (!path && !synthetic) throw UsageError("FILE or --synthetic SIZES is missing");
    if (path && call.arguments.has("--keys")) throw UsageError("--keys goes with --synthetic");
    if (path)
        load_file(call, *path);
    else
        load_synthetic(call, *synthetic);
}

void dump(Invocation const& call)
{
    auto const path = call.arguments.optional_operand(0).value_or("-");
    if (path == "-")
    {
        world::dump(call.database.administration(), std::cout);
        return;
    }
    PrivateFile file(path);
    auto const report = world::dump(call.database.administration(), file.out());
    file.finish();
    call.output.done("dumped " + sentence_of(report), record_of(report));
}

} // namespace

Noun load_noun()
{
    return {
        .name = "load",
        .help = "Loads a world from a file, all of it or nothing.",
        .verbs = {
            {.name = "",
             .operands = {"[FILE]"},
             .options =
                 {{.name = "--synthetic",
                   .value = "SIZES",
                   .help =
                       "makes up teams instead: teams=50,sessions=4000,messages=10,participants=400,chatbots=5,tags=40 (each of "
                       "which may be left out)"},
                  {.name = "--keys",
                   .value = "FILE",
                   .help = "where the API keys of made-up teams go, one a line; standard output otherwise"}},
             .help = "Reads a world file (- is standard input). Nothing of it may be in the database already.",
             .run = load}}};
}

Noun dump_noun()
{
    return {.name = "dump",
            .help = "Writes the whole database as a world file.",
            .verbs = {{.name = "",
                       .operands = {"[FILE]"},
                       .options = {},
                       .help = "Writes to FILE or standard output, with digests in place of secrets. parley load takes it again.",
                       .run = dump}}};
}

} // namespace parley::command
