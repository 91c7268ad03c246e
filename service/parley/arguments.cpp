#include "arguments.hpp"

#include <algorithm>

namespace parley::command
{

namespace
{

Option const& find_option(std::vector<Option> const& options, std::string_view name)
{
    auto const found = std::ranges::find(options, name, &Option::name);
    if (found == options.end()) throw UsageError("there is no option " + std::string(name) + " here");
    return *found;
}

} // namespace

Arguments::Arguments(std::vector<std::string> const& words, Operands const& operands, std::vector<Option> const& options)
{
    for (std::size_t i = 0; i < words.size(); ++i)
    {
        auto const& word = words[i];
        if (!word.starts_with("--") || word == "--")
        {
            operands_.push_back(word);
            continue;
        }
        auto const equals = word.find('=');
        auto const& option = find_option(options, std::string_view(word).substr(0, equals));
        auto& values = options_[std::string(option.name)];
        if (option.value.empty())
        {
            if (equals != std::string::npos) throw UsageError(std::string(option.name) + " takes no value");
            continue;
        }
        if (equals != std::string::npos)
            values.push_back(word.substr(equals + 1));
        else if (i + 1 < words.size())
            values.push_back(words[++i]);
        else
            throw UsageError(std::string(option.name) + " needs a value: " + std::string(option.value));
    }
    for (auto const& option : options)
        if (option.is_required && !has(option.name))
            throw UsageError(std::string(option.name) + " " + std::string(option.value) + " is missing");
    for (std::size_t i = operands_.size(); i < operands.size(); ++i)
        if (!operands[i].starts_with('[')) throw UsageError(std::string(operands[i]) + " is missing");
    if (operands_.size() > operands.size()) throw UsageError("one word too many: \"" + operands_[operands.size()] + "\"");
}

std::optional<std::string> Arguments::find(std::string_view option) const
{
    auto const found = options_.find(option);
    return found == options_.end() || found->second.empty() ? std::nullopt : std::optional(found->second.back());
}

std::vector<std::string> Arguments::all(std::string_view option) const
{
    auto const found = options_.find(option);
    return found == options_.end() ? std::vector<std::string>() : found->second;
}

std::optional<std::string> Arguments::optional_operand(std::size_t index) const
{
    return index < operands_.size() ? std::optional(operands_[index]) : std::nullopt;
}

} // namespace parley::command
