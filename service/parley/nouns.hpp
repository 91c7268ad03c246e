// The command's table of contents: every noun with its verbs.
#pragma once

#include "arguments.hpp"
#include "database.hpp"
#include "output.hpp"

#include <string>
#include <string_view>
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

// The help on everything, or on one noun. Throws UsageError where there is none of this name.
[[nodiscard]] std::string help_text();
[[nodiscard]] std::string help_text(std::string_view noun);

} // namespace parley::command
