// parleyd: the service. What to do, and with which settings.
#include "application.hpp"
#include "doctor.hpp"
#include "version.hpp"

#include "parley/config/completion.hpp"
#include "parley/config/configuration.hpp"

#include <algorithm>
#include <exception>
#include <iostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <unistd.h>

namespace
{

using parley::config::SettingError;

constexpr int exit_failure = 1;
constexpr int exit_usage = 2;
constexpr std::size_t help_column = 34; // Behind the longest command.

int say_version()
{
    std::cout << "parleyd " << parley::project_version;
    if (!parley::project_revision.empty()) std::cout << " (" << parley::project_revision << ")";
    std::cout << "\n";
    return 0;
}

// Takes the word out of the arguments, and says whether it was there.
bool take(std::vector<std::string>& arguments, std::string_view word)
{
    return std::erase(arguments, word) > 0;
}

parley::config::Configuration load(std::vector<std::string> const& arguments)
{
    auto configuration = parley::config::load(arguments, {.is_root = ::geteuid() == 0});
    if (!configuration.rest.empty()) throw SettingError("what is \"" + configuration.rest.front() + "\"? See parleyd help");
    return configuration;
}

int show_config(std::vector<std::string> arguments)
{
    using Writer = std::string (*)();
    for (auto const& [flag, write] : {std::pair<char const*, Writer>{"--schema", &parley::config::schema},
                                      {"--reference", &parley::config::reference},
                                      {"--manual", &parley::config::manual}})
        if (take(arguments, flag))
        {
            std::cout << write();
            return 0;
        }
    bool const as_json = take(arguments, "--json");
    auto const configuration = load(arguments);
    std::cout << (as_json ? to_json(configuration) : to_text(configuration));
    return 0;
}

int run_migrate(std::vector<std::string> arguments)
{
    bool const distributes = take(arguments, "--distribute");
    auto const settings = load(arguments).settings;
    auto const code = parley::migrate(settings);
    return distributes && code == 0 ? parley::distribute(settings) : code;
}

int say_help(std::vector<std::string> arguments);
int write_completion(std::vector<std::string> arguments);

// What the first word may be. The help, the completion of shells and run() follow from it.
struct Command
{
    std::string_view name;
    std::string_view usage; // Behind the name.
    std::string_view help;
    bool takes_settings;
    std::vector<parley::config::CompletionOption> options; // Besides the settings.
    int (*run)(std::vector<std::string> arguments);
};

std::vector<Command> const& commands()
{
    static std::vector<Command> const all{
        {"serve",
         "[SETTING...]",
         "serve until SIGTERM; without a database URL, on a private PostgreSQL; also without the word",
         true,
         {},
         [](std::vector<std::string> arguments) { return parley::serve(load(arguments).settings); }},
        {"migrate",
         "[SETTING...]",
         "bring the database to what this version knows, and leave; --distribute: then spread its tables over a Citus cluster",
         true,
         {{.name = "--distribute", .value = "", .help = "then spread the tables over a Citus cluster"}},
         run_migrate},
        {"doctor",
         "[SETTING...]",
         "would a start with these settings go well? Changes nothing",
         true,
         {},
         [](std::vector<std::string> arguments) { return parley::examine_surroundings(load(arguments).settings); }},
        {"config",
         "[SETTING...]",
         "show the settings in force and where each comes from; --json; or the table of them: --schema of the file, --reference, "
         "--manual",
         true,
         {{.name = "--json", .value = "", .help = "as a JSON object"},
          {.name = "--schema", .value = "", .help = "the JSON Schema of the file"},
          {.name = "--reference", .value = "", .help = "the table as a page"},
          {.name = "--manual", .value = "", .help = "the manual page"}},
         show_config},
        {"completion", "(bash, zsh)", "write the completion of this command line for a shell", false, {}, write_completion},
        {"version", "", "say which version this is", false, {}, [](std::vector<std::string>) { return say_version(); }},
        {"help", "", "this text", false, {}, say_help}};
    return all;
}

int say_help(std::vector<std::string> /*arguments*/)
{
    std::cout << "parleyd: the sessions API of chatbots, on PostgreSQL\n\n";
    for (auto const& command : commands())
    {
        auto line = "  parleyd " + std::string(command.name) + (command.usage.empty() ? "" : " ") + std::string(command.usage);
        line.resize(std::max<std::size_t>(line.size() + 1, help_column), ' ');
        std::cout << line << command.help << "\n";
    }
    std::cout << "\nSettings: a flag wins over its environment variable, that over the file, that over the default.\n"
              << parley::config::help();
    return 0;
}

int write_completion(std::vector<std::string> arguments)
{
    using namespace parley::config;
    CommandLine line{.program = "parleyd", .nouns = {}, .common = settings_as_options()};
    for (auto const& command : commands())
    {
        auto& noun =
            line.nouns.emplace_back(CompletionNoun{.name = std::string(command.name), .help = std::string(command.help)});
        if (command.name == "completion")
            noun.verbs = {{.name = "bash", .help = "for bash"}, {.name = "zsh", .help = "for zsh"}};
        else if (command.takes_settings)
            noun.verbs = {{.name = "", .help = "", .operands = {}, .options = command.options}};
    }
    auto const shell = arguments.size() == 1 ? arguments.front() : "";
    if (shell != "bash" && shell != "zsh") throw SettingError("for which shell? parleyd completion bash, or zsh");
    std::cout << (shell == "bash" ? bash_completion(line) : zsh_completion(line));
    return 0;
}

// "--help", "-h" and "--version" are commands too.
std::string to_command(std::string const& word)
{
    return word == "--help" || word == "-h" ? "help" : word == "--version" ? "version" : word;
}

int run(std::vector<std::string> arguments)
{
    std::string name = "serve";
    if (!arguments.empty() && !to_command(arguments.front()).starts_with("-"))
    {
        name = to_command(arguments.front());
        arguments.erase(arguments.begin());
    }
    auto const command = std::ranges::find(commands(), name, &Command::name);
    if (command == commands().end()) throw SettingError("what is \"" + name + "\"? See parleyd help");
    return command->run(std::move(arguments));
}

} // namespace

int main(int argc, char** argv)
{
    try
    {
        return run({argv + 1, argv + argc});
    }
    catch (SettingError const& error)
    {
        std::cerr << "parleyd: " << error.what() << "\n";
        return exit_usage;
    }
    catch (std::exception const& error)
    {
        std::cerr << "parleyd: " << error.what() << "\n";
        return exit_failure;
    }
}
