// The table of nouns as a manual page and as the completion of shells.
#include "nouns.hpp"

#include "parley/config/completion.hpp"

namespace parley::command
{

namespace
{

using config::in_troff;

// A word in bold with what follows it in italics: an option and its value.
std::string option_item(Option const& option)
{
    auto text = ".TP\n.B " + in_troff(option.name) + "\n";
    if (!option.value.empty()) text = ".TP\n.BI " + in_troff(option.name) + " \" " + in_troff(option.value) + "\"\n";
    return text + in_troff(option.help) + (option.is_required ? " It must be given." : "") + "\n";
}

std::string section_of(Noun const& noun)
{
    auto text = ".SS " + std::string(noun.name) + "\n" + in_troff(noun.help) + "\n";
    for (auto const& verb : noun.verbs)
    {
        text += ".PP\n.B " + in_troff(usage_of(noun, verb)) + "\n.br\n" + in_troff(verb.help) + "\n";
        if (verb.options.empty()) continue;
        text += ".RS\n";
        for (auto const& option : verb.options)
            text += option_item(option);
        text += ".RE\n";
    }
    return text;
}

std::vector<config::CompletionOption> to_completion(std::vector<Option> const& options)
{
    std::vector<config::CompletionOption> result;
    for (auto const& option : options)
        result.push_back(
            {.name = std::string(option.name), .value = std::string(option.value), .help = std::string(option.help)});
    return result;
}

config::CompletionNoun to_completion(Noun const& noun)
{
    config::CompletionNoun result{.name = std::string(noun.name), .help = std::string(noun.help)};
    for (auto const& verb : noun.verbs)
        result.verbs.push_back({.name = std::string(verb.name),
                                .help = std::string(verb.help),
                                .operands = {verb.operands.begin(), verb.operands.end()},
                                .options = to_completion(verb.options)});
    return result;
}

// The words besides the nouns.
std::vector<config::CompletionNoun> other_words()
{
    config::CompletionNoun help{.name = "help", .help = "The nouns, or the verbs of one."};
    for (auto const& noun : all_nouns())
        help.verbs.push_back({.name = std::string(noun.name), .help = std::string(noun.help)});
    return {help,
            {.name = "completion",
             .help = "Writes the completion of this command line.",
             .verbs = {{.name = "bash", .help = "For bash."}, {.name = "zsh", .help = "For zsh."}}},
            {.name = "manual", .help = "Writes the manual page."},
            {.name = "version", .help = "Says which version this is."}};
}

} // namespace

std::string manual_page()
{
    std::string text = ".\\\" Made by parley manual from the table of nouns.\n"
                       ".TH PARLEY 1 \"\" Parley \"User commands\"\n"
                       ".SH NAME\nparley \\- looks after a Parley database\n"
                       ".SH SYNOPSIS\n.B parley\n.RI [ OPTION \" ...] \" \"NOUN VERB\" \" ...\"\n"
                       ".br\n.B parley help\n.RI [ NOUN ]\n.br\n.B parley completion\n.RB ( bash | zsh )\n"
                       ".br\n.B parley manual\n.br\n.B parley version\n"
                       ".SH DESCRIPTION\n" +
                       in_troff(description()) +
                       " What it changes takes effect on every replica at once, and is written to the record (audit).\n"
                       ".SH OPTIONS\nThey may stand everywhere.\n";
    for (auto const& option : common_options())
        text += option_item(option);
    text += ".SH COMMANDS\n";
    for (auto const& noun : all_nouns())
        text += section_of(noun);
    text += ".SH EXIT STATUS\n";
    for (auto const& [code, meaning] : exit_codes())
        text += ".TP\n.B " + std::to_string(code) + "\n" + in_troff(meaning) + "\n";
    return text + ".SH SEE ALSO\n.BR parleyd (8)\n";
}

std::string completion(std::string_view shell)
{
    config::CommandLine line{.program = "parley", .nouns = {}, .common = to_completion(common_options())};
    for (auto const& noun : all_nouns())
        line.nouns.push_back(to_completion(noun));
    for (auto& word : other_words())
        line.nouns.push_back(std::move(word));
    if (shell == "bash") return config::bash_completion(line);
    if (shell == "zsh") return config::zsh_completion(line);
    throw UsageError("for which shell? parley completion bash, or zsh");
}

} // namespace parley::command
