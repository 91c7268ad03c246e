// parley: the administrator's command.
#include "nouns.hpp"
#include "version.hpp"

#include "parley/config/configuration.hpp"
#include "parley/world/world.hpp"

#include <algorithm>
#include <iostream>

#include <unistd.h>

namespace
{

using namespace parley;
using namespace parley::command;

enum ExitCode : int
{
    done = 0,
    refused = 1,
    not_understood = 2,
    no_database = 3,
};

bool take(std::vector<std::string>& words, std::string_view word)
{
    return std::erase(words, word) != 0;
}

// "team create alpha" -> the verb, and "alpha".
Verb const& find_verb(std::vector<std::string>& words)
{
    auto const noun = std::ranges::find(all_nouns(), words.front(), &Noun::name);
    if (noun == all_nouns().end()) throw UsageError("there is no \"" + words.front() + "\"; parley help shows what there is");
    words.erase(words.begin());
    if (noun->verbs.front().name.empty()) return noun->verbs.front();
    auto const name = std::string(noun->name);
    if (words.empty()) throw UsageError("what about " + name + "? parley help " + name + " shows what there is");
    auto const verb = std::ranges::find(noun->verbs, words.front(), &Verb::name);
    if (verb == noun->verbs.end())
        throw UsageError("there is no \"" + name + " " + words.front() + "\"; parley help " + name + " shows what there is");
    words.erase(words.begin());
    return *verb;
}

bool is_help_option(std::string_view word)
{
    return word == "--help" || word == "-h";
}

void show_help(std::vector<std::string> const& words)
{
    auto const noun =
        std::ranges::find_if_not(words, [](std::string_view word) { return word == "help" || is_help_option(word); });
    std::cout << (noun == words.end() ? help_text() : help_text(*noun));
}

void print(std::string const& text)
{
    std::cout << text;
}

void run(std::vector<std::string> const& arguments)
{
    auto configuration =
        config::load(arguments, {.is_root = ::geteuid() == 0,
                                 .only = {"database-url", "data-dir", "postgres-binaries", "postgres-shared-buffers"}});
    auto& words = configuration.rest;
    auto const output = Output(take(words, "--json"));
    if (words.empty()) throw UsageError("what is to be done? parley help shows what there is");
    if (words.front() == "help" || std::ranges::any_of(words, is_help_option)) return show_help(words);
    if (words.front() == "version" || words.front() == "--version")
        return output.done(std::string("parley ") + project_version, Record().text("version", project_version));
    if (words.front() == "manual") return print(manual_page());
    if (words.front() == "completion") return print(completion(words.size() == 2 ? words.back() : ""));
    auto const& verb = find_verb(words);
    auto const parsed = Arguments(words, verb.operands, verb.options);
    SystemClock const clock;
    Database database(configuration.settings.database, clock);
    verb.run({.arguments = parsed, .output = output, .database = database});
    std::cout.flush();
    if (!std::cout) throw store::Refused("cannot write to standard output");
}

int fail(ExitCode code, char const* message)
{
    std::cerr << "parley: " << message << '\n';
    return code;
}

} // namespace

int main(int argc, char** argv)
try
{
    std::ios::sync_with_stdio(false);
    run({argv + 1, argv + argc});
    return done;
}
catch (parley::command::UsageError const& error)
{
    return fail(not_understood, error.what());
}
catch (parley::config::SettingError const& error)
{
    return fail(not_understood, error.what());
}
catch (parley::store::DatabaseAway const& error)
{
    return fail(no_database, error.what());
}
catch (std::exception const& error)
{
    return fail(refused, error.what());
}
