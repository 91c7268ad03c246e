// A command line as the completion of shells, and what manual pages share.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace parley::config
{

struct CompletionOption
{
    std::string name;  // "--team"
    std::string value; // What its value is called; empty: it has none.
    std::string help;
    std::vector<std::string> choices = {}; // What the value may be, where that is known.
};

// "create" of "team create"; without a name the noun is the verb, as in "load FILE".
struct CompletionVerb
{
    std::string name;
    std::string help;
    std::vector<std::string> operands = {}; // "SLUG", or "[FILE]" where it may be left out.
    std::vector<CompletionOption> options = {};
};

struct CompletionNoun
{
    std::string name;
    std::string help;
    std::vector<CompletionVerb> verbs = {}; // None: nothing follows.
};

struct CommandLine
{
    std::string program;
    std::vector<CompletionNoun> nouns;
    std::vector<CompletionOption> common; // Options that may stand everywhere.
};

// Scripts for the folders in which the shells look. Values are completed from the choices, else by the names of files.
[[nodiscard]] std::string bash_completion(CommandLine const& line);
[[nodiscard]] std::string zsh_completion(CommandLine const& line);

// The settings as options of a command line, with --config.
[[nodiscard]] std::vector<CompletionOption> settings_as_options();

// Text for a manual page: a hyphen that is to be typed is a minus to troff, and no line is a request.
[[nodiscard]] std::string in_troff(std::string_view text);

} // namespace parley::config
