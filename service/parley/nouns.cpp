#include "nouns.hpp"

#include <algorithm>

namespace parley::command
{

namespace
{

std::string usage_of(Noun const& noun, Verb const& verb)
{
    auto line = "parley " + std::string(noun.name) + (verb.name.empty() ? "" : " " + std::string(verb.name));
    for (auto const operand : verb.operands)
        line += " " + std::string(operand);
    for (auto const& option : verb.options)
    {
        auto const shown = std::string(option.name) + (option.value.empty() ? "" : " " + std::string(option.value));
        line += option.is_required ? " " + shown : " [" + shown + "]";
    }
    return line;
}

constexpr std::size_t verbs_column = 26; // Behind the longest noun.

constexpr std::string_view common =
    "\nEverywhere:\n"
    "  --database-url URL  the database (PARLEY_DATABASE_URL, DATABASE_URL)\n"
    "  --data-dir DIR      the private database in this folder, running or not (PARLEY_DATA_DIR)\n"
    "  --json              one JSON document on standard output\n"
    "\nExit codes: 0 done, 1 refused, 2 not understood, 3 no database.\n";

} // namespace

std::vector<Noun> const& all_nouns()
{
    static std::vector<Noun> const nouns{
        team_noun(),    user_noun(),        member_noun(), role_noun(),  key_noun(),         experiment_noun(),
        channel_noun(), application_noun(), grant_noun(),  token_noun(), signing_key_noun(), browser_session_noun(),
        audit_noun(),   export_noun(),      erase_noun(),  load_noun(),  dump_noun()};
    return nouns;
}

std::string help_text()
{
    std::string text =
        "parley looks after a Parley database: who may do what, with which keys, and which chatbots there are.\n\n";
    for (auto const& noun : all_nouns())
    {
        std::string verbs;
        for (auto const& verb : noun.verbs)
            verbs += (verbs.empty() ? "" : ", ") + std::string(verb.name);
        auto name = "  parley " + std::string(noun.name);
        name.resize(std::max<std::size_t>(name.size() + 1, verbs_column), ' ');
        text += name + std::string(noun.help) + (verbs.empty() ? "" : " (" + verbs + ")") + "\n";
    }
    text += "  parley help NOUN        the verbs of a noun and their options\n  parley version\n";
    return text + std::string(common);
}

std::string help_text(std::string_view name)
{
    auto const noun = std::ranges::find(all_nouns(), name, &Noun::name);
    if (noun == all_nouns().end()) throw UsageError("there is no \"" + std::string(name) + "\"; parley help shows what there is");
    std::string text = std::string(noun->help) + "\n";
    for (auto const& verb : noun->verbs)
    {
        text += "\n  " + usage_of(*noun, verb) + "\n      " + std::string(verb.help) + "\n";
        for (auto const& option : verb.options)
            text += "      " + std::string(option.name) + (option.value.empty() ? "" : " " + std::string(option.value)) + ": " +
                    std::string(option.help) + "\n";
    }
    return text + std::string(common);
}

} // namespace parley::command
