// parleyd: the service. What to do, and with which settings.
#include "application.hpp"
#include "doctor.hpp"
#include "version.hpp"

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

int say_version()
{
    std::cout << "parleyd " << parley::project_version;
    if (!parley::project_revision.empty()) std::cout << " (" << parley::project_revision << ")";
    std::cout << "\n";
    return 0;
}

int say_help()
{
    std::cout << "parleyd: the sessions API of chatbots, on PostgreSQL\n\n"
                 "  parleyd [serve] [SETTING...]    serve until SIGTERM; without a database URL, on a private PostgreSQL\n"
                 "  parleyd migrate [SETTING...]    bring the database to what this version knows, and leave; --distribute: then "
                 "spread "
                 "its tables over a Citus cluster\n"
                 "  parleyd doctor [SETTING...]     would a start with these settings go well? Changes nothing\n"
                 "  parleyd config [SETTING...]     show the settings in force and where each comes from; --json; or the table "
                 "of them: --schema of the file, --reference, --manual\n"
                 "  parleyd version\n"
                 "  parleyd help\n\n"
                 "Settings: a flag wins over its environment variable, that over the file, that over the default.\n"
              << parley::config::help();
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

int run(std::vector<std::string> arguments)
{
    std::string command = "serve";
    if (!arguments.empty() && (!arguments.front().starts_with("-") || arguments.front() == "--help" ||
                               arguments.front() == "-h" || arguments.front() == "--version"))
    {
        command = arguments.front();
        arguments.erase(arguments.begin());
    }
    if (command == "serve") return parley::serve(load(arguments).settings);
    if (command == "migrate") return run_migrate(std::move(arguments));
    if (command == "doctor") return parley::examine_surroundings(load(arguments).settings);
    if (command == "config") return show_config(std::move(arguments));
    if (command == "version" || command == "--version") return say_version();
    if (command == "help" || command == "--help" || command == "-h") return say_help();
    throw SettingError("what is \"" + command + "\"? See parleyd help");
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
