// The command's table of contents: every noun with its verbs.
#pragma once

#include "arguments.hpp"
#include "database.hpp"
#include "output.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace parley::command
{

// One call of a verb.
struct Invocation
{
    Arguments const& arguments;
    Output const& output;
    Database& database;
};

struct Verb
{
    std::string_view name; // Empty: the noun is the verb, as in "parley load FILE".
    Operands operands;
    std::vector<Option> options;
    std::string_view help; // One sentence.
    void (*run)(Invocation const&);
};

struct Noun
{
    std::string_view name;
    std::string_view help;
    std::vector<Verb> verbs;
};

// Each in the file of its name.
[[nodiscard]] Noun team_noun();
[[nodiscard]] Noun user_noun();
[[nodiscard]] Noun member_noun();
[[nodiscard]] Noun role_noun();
[[nodiscard]] Noun key_noun();
[[nodiscard]] Noun experiment_noun();
[[nodiscard]] Noun channel_noun();
[[nodiscard]] Noun application_noun();
[[nodiscard]] Noun grant_noun(); // token.cpp
[[nodiscard]] Noun token_noun();
[[nodiscard]] Noun signing_key_noun();
[[nodiscard]] Noun browser_session_noun();
[[nodiscard]] Noun audit_noun();
[[nodiscard]] Noun export_noun(); // participant.cpp
[[nodiscard]] Noun erase_noun();  // participant.cpp
[[nodiscard]] Noun load_noun();   // world.cpp
[[nodiscard]] Noun dump_noun();   // world.cpp

[[nodiscard]] std::vector<Noun> const& all_nouns();

// Options that may stand everywhere, exit codes and what they mean, and what the command is for, in a sentence.
[[nodiscard]] std::vector<Option> const& common_options();
[[nodiscard]] std::vector<std::pair<int, std::string_view>> const& exit_codes();
[[nodiscard]] std::string_view description();

// "parley team create SLUG [--name NAME]"
[[nodiscard]] std::string usage_of(Noun const& noun, Verb const& verb);

// All of it as a manual page (deploy/man/parley.1), and as the completion of a shell. Throws UsageError for another shell than
// bash and zsh.
[[nodiscard]] std::string manual_page();
[[nodiscard]] std::string completion(std::string_view shell);

// The help on everything, or on one noun. Throws UsageError where there is none of this name.
[[nodiscard]] std::string help_text();
[[nodiscard]] std::string help_text(std::string_view noun);

} // namespace parley::command
