#include "parley/config/completion.hpp"

#include "table.hpp"

#include <map>

namespace parley::config
{

namespace
{

// Between single quotes of a shell.
std::string in_single_quotes(std::string_view text)
{
    std::string quoted = "'";
    for (char const c : text)
        quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return quoted + "'";
}

std::string joined(std::vector<std::string> const& words)
{
    std::string text;
    for (auto const& word : words)
        text += (text.empty() ? "" : " ") + word;
    return text;
}

std::string names_of(std::vector<CompletionOption> const& options)
{
    std::vector<std::string> names;
    for (auto const& option : options)
        names.push_back(option.name);
    return joined(names);
}

// All options of a command line that take a value, each once, with the choices where there are any.
std::map<std::string, std::vector<std::string>> valued_options(CommandLine const& line)
{
    std::map<std::string, std::vector<std::string>> valued;
    auto const add = [&](std::vector<CompletionOption> const& options)
    {
        for (auto const& option : options)
            if (!option.value.empty()) valued.emplace(option.name, option.choices);
    };
    add(line.common);
    for (auto const& noun : line.nouns)
        for (auto const& verb : noun.verbs)
            add(verb.options);
    return valued;
}

// What may follow a noun: a branch of the shell's "case".
std::string bash_branch(CompletionNoun const& noun)
{
    std::string text = "        " + noun.name + ")\n            case $verb in\n";
    std::vector<std::string> verbs;
    for (auto const& verb : noun.verbs)
    {
        auto const options = names_of(verb.options);
        if (verb.name.empty()) return "        " + noun.name + ") choices=" + in_single_quotes(options) + " ;;\n";
        verbs.push_back(verb.name);
        text += "                " + verb.name + ") choices=" + in_single_quotes(options) + " ;;\n";
    }
    if (verbs.empty()) return "        " + noun.name + ") ;;\n";
    return text + "                '') choices=" + in_single_quotes(joined(verbs)) + " ;;\n            esac\n            ;;\n";
}

// Brackets and colons have a meaning to _arguments and _describe.
std::string in_zsh(std::string_view text)
{
    std::string escaped;
    for (char const c : text)
    {
        if (c == '[' || c == ']' || c == ':' || c == '\\') escaped += '\\';
        escaped += c;
    }
    return escaped;
}

// Of a value or an operand: its name and how it is completed.
std::string zsh_value(std::string_view name, std::vector<std::string> const& choices)
{
    auto text = ":" + in_zsh(name) + ":";
    if (!choices.empty()) return text + "(" + joined(choices) + ")";
    if (name == "FILE") return text + "_files";
    return name == "DIR" ? text + "_files -/" : text;
}

std::string zsh_option(CompletionOption const& option)
{
    return in_single_quotes("*" + option.name + (option.value.empty() ? "" : "=") + "[" + in_zsh(option.help) + "]" +
                            (option.value.empty() ? "" : zsh_value(option.value, option.choices)));
}

std::string zsh_operand(std::string_view operand)
{
    if (!operand.starts_with('[')) return in_single_quotes("1" + zsh_value(operand, {}));
    return in_single_quotes("1:" + zsh_value(operand.substr(1, operand.size() - 2), {}));
}

std::string zsh_arguments(CompletionVerb const& verb)
{
    std::string text = "_arguments";
    for (auto const& option : verb.options)
        text += " \\\n                " + zsh_option(option);
    int place = 1;
    for (auto const& operand : verb.operands)
    {
        auto spec = zsh_operand(operand);
        text += " \\\n                " + spec.replace(1, 1, std::to_string(place++));
    }
    return text + " \"${common[@]}\"";
}

template <class Named>
std::string zsh_choices(std::string_view what, std::vector<Named> const& choices)
{
    std::string text = "local -a choices=(";
    for (auto const& choice : choices)
        text += "\n            " + in_single_quotes(in_zsh(choice.name) + ":" + choice.help);
    return text + ")\n            _describe " + std::string(what) + " choices";
}

std::string zsh_function(std::string const& program, CompletionNoun const& noun)
{
    std::string text = "_" + program + "_" + noun.name + "() {\n";
    if (noun.verbs.empty()) return text + "    _message 'no more words'\n}\n\n";
    if (noun.verbs.front().name.empty()) return text + "    " + zsh_arguments(noun.verbs.front()) + "\n}\n\n";
    text += "    local curcontext=$curcontext state line\n"
            "    _arguments -C \"${common[@]}\" '1: :->verb' '*:: :->rest'\n"
            "    case $state in\n"
            "        verb)\n            " +
            zsh_choices("verb", noun.verbs) + " ;;\n        rest) case $words[1] in\n";
    for (auto const& verb : noun.verbs)
        text += "            " + verb.name + ") " + zsh_arguments(verb) + " ;;\n";
    return text + "        esac ;;\n    esac\n}\n\n";
}

} // namespace

std::string bash_completion(CommandLine const& line)
{
    auto const valued = valued_options(line);
    std::vector<std::string> names;
    std::string with_choices;
    for (auto const& [name, choices] : valued)
    {
        names.push_back(name);
        if (!choices.empty()) with_choices += "        " + name + ") choices=" + in_single_quotes(joined(choices)) + " ;;\n";
    }
    std::string alternatives;
    for (auto const& name : names)
        alternatives += (alternatives.empty() ? "" : "|") + name;
    std::vector<std::string> nouns;
    std::string branches;
    for (auto const& noun : line.nouns)
    {
        nouns.push_back(noun.name);
        branches += bash_branch(noun);
    }
    auto const& program = line.program;
    // The words before the cursor say which noun and verb; those behind an option that takes a value, and a "=" by itself, do
    // not.
    return "# bash completion for " + program + ". Made by " + program + " completion bash.\n# shellcheck shell=bash\n_" +
           program +
           "() {\n"
           "    local cur=${COMP_WORDS[COMP_CWORD]} noun='' verb='' word='' option='' choices='' i\n"
           "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
           "        word=${COMP_WORDS[i]}\n"
           "        if [[ $word == '=' ]]; then continue; fi\n"
           "        if [[ $option ]]; then\n"
           "            option=''\n"
           "            continue\n"
           "        fi\n"
           "        case $word in\n"
           "            " +
           alternatives +
           ") option=$word ;;\n"
           "            -*) ;;\n"
           "            *) if [[ ! $noun ]]; then noun=$word; elif [[ ! $verb ]]; then verb=$word; fi ;;\n"
           "        esac\n"
           "    done\n"
           "    if [[ $cur == '=' ]]; then cur=''; fi\n"
           "    case $option in\n" +
           with_choices +
           "        '')\n"
           "            case $noun in\n"
           "        '') choices=" +
           in_single_quotes(joined(nouns)) + " ;;\n" + branches +
           "            esac\n"
           "            choices+=" +
           in_single_quotes(" " + names_of(line.common)) +
           "\n"
           "            ;;\n"
           "    esac\n"
           "    mapfile -t COMPREPLY < <(compgen -W \"$choices\" -- \"$cur\")\n"
           "}\n"
           "complete -o default -F _" +
           program + " " + program + "\n";
}

std::string zsh_completion(CommandLine const& line)
{
    auto const& program = line.program;
    std::string text =
        "#compdef " + program + "\n# zsh completion for " + program + ". Made by " + program + " completion zsh.\n\n";
    for (auto const& noun : line.nouns)
        text += zsh_function(program, noun);
    text += "_" + program + "() {\n    local curcontext=$curcontext state line\n    local -a common=(";
    for (auto const& option : line.common)
        text += "\n        " + zsh_option(option);
    return text +
           ")\n"
           "    _arguments -C \"${common[@]}\" '1: :->noun' '*:: :->rest'\n"
           "    case $state in\n"
           "        noun)\n            " +
           zsh_choices("command", line.nouns) +
           " ;;\n"
           "        rest) (( $+functions[_" +
           program + "_$words[1]] )) && _" + program +
           "_$words[1] ;;\n"
           "    esac\n"
           "}\n\n_" +
           program + " \"$@\"\n";
}

std::vector<CompletionOption> settings_as_options()
{
    std::vector<CompletionOption> options;
    for (auto const& row : table())
    {
        std::vector<std::string> choices(row.choices.begin(), row.choices.end());
        if (row.kind == Kind::boolean) choices = {"true", "false"};
        auto const value = row.name == "data-dir" || row.name == "postgres-binaries" ? "DIR"
                           : row.name == "log-file"                                  ? "FILE"
                                                                                     : "VALUE";
        options.push_back(
            {.name = "--" + std::string(row.name), .value = value, .help = std::string(row.help), .choices = std::move(choices)});
    }
    options.push_back({.name = "--config", .value = "FILE", .help = "A file with settings: a JSON object."});
    return options;
}

std::string in_troff(std::string_view text)
{
    std::string troff;
    for (char const c : text)
    {
        if (troff.empty() && (c == '.' || c == '\'')) troff.append("\\&");
        if (c == '-')
            troff.append("\\-");
        else if (c == '\\')
            troff.append("\\e");
        else
            troff.push_back(c);
    }
    return troff;
}

} // namespace parley::config
