#include "nouns.hpp"

#include <algorithm>

namespace parley::command
{

namespace
{

constexpr std::size_t verbs_column = 26;   // Behind the longest noun.
constexpr std::size_t options_column = 22; // Behind the longest of the options.

std::string common_help()
{
    std::string text = "\nEverywhere:\n";
    for (auto const& option : common_options())
    {
        auto line = "  " + std::string(option.name) + (option.value.empty() ? "" : " " + std::string(option.value));
        line.resize(std::max<std::size_t>(line.size() + 1, options_column), ' ');
        text += line + std::string(option.help) + "\n";
    }
    text += "\nExit codes:";
    for (auto const& [code, meaning] : exit_codes())
        text += (code == 0 ? " " : ", ") + std::to_string(code) + " " + std::string(meaning);
    return text + ".\n";
}

} // namespace

std::vector<Noun> const& all_nouns()
{
    static std::vector<Noun> const nouns{
        team_noun(),    user_noun(),        member_noun(), role_noun(),  key_noun(),         experiment_noun(),
        channel_noun(), application_noun(), grant_noun(),  token_noun(), signing_key_noun(), browser_session_noun(),
        audit_noun(),   export_noun(),      erase_noun(),  load_noun(),  dump_noun()};
    return nouns;
}

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

std::vector<Option> const& common_options()
{
    static std::vector<Option> const options{
        {.name = "--database-url", .value = "URL", .help = "the database (PARLEY_DATABASE_URL, DATABASE_URL)"},
        {.name = "--data-dir", .value = "DIR", .help = "the private database in this folder, running or not (PARLEY_DATA_DIR)"},
        {.name = "--json", .value = "", .help = "one JSON document on standard output"}};
    return options;
}

std::vector<std::pair<int, std::string_view>> const& exit_codes()
{
    static std::vector<std::pair<int, std::string_view>> const codes{
        {0, "done"}, {1, "refused"}, {2, "not understood"}, {3, "no database"}};
    return codes;
}

std::string_view description()
{
    return "parley looks after a Parley database: who may do what, with which keys, and which chatbots there are.";
}

std::string help_text()
{
    auto text = std::string(description()) + "\n\n";
    for (auto const& noun : all_nouns())
    {
        std::string verbs;
        for (auto const& verb : noun.verbs)
            verbs += (verbs.empty() ? "" : ", ") + std::string(verb.name);
        auto name = "  parley " + std::string(noun.name);
        name.resize(std::max<std::size_t>(name.size() + 1, verbs_column), ' ');
        text += name + std::string(noun.help) + (verbs.empty() ? "" : " (" + verbs + ")") + "\n";
    }
    text += "  parley help NOUN        the verbs of a noun and their options\n  parley completion SHELL the completion of this "
            "command line, for bash or zsh\n"
            "  parley manual           this as a manual page\n  parley version\n";
    return text + common_help();
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
    return text + common_help();
}

} // namespace parley::command
