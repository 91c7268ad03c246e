// The words of a command line, held against what a verb understands.
#pragma once

#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace parley::command
{

// The command line is not understood. Exit code 2.
class UsageError : public std::runtime_error
{
  public:
    using std::runtime_error::runtime_error;
};

struct Option
{
    std::string_view name;  // "--name"
    std::string_view value; // What its value is called in the help; empty: it has none.
    std::string_view help;
    bool is_required = false;
};

// An operand stands without a name: "SLUG", or "[FILE]" where it may be left out.
using Operands = std::vector<std::string_view>;

class Arguments
{
  public:
    // Throws UsageError for an unknown option, a missing value, a missing required option, and too few or too many operands. An
    // option may be given several times.
    Arguments(std::vector<std::string> const& words, Operands const& operands, std::vector<Option> const& options);

    [[nodiscard]] bool has(std::string_view option) const { return options_.contains(option); }
    [[nodiscard]] std::optional<std::string> find(std::string_view option) const; // The last one.
    [[nodiscard]] std::string text(std::string_view option) const { return find(option).value_or(""); }
    [[nodiscard]] std::vector<std::string> all(std::string_view option) const;

    [[nodiscard]] std::string const& operand(std::size_t index) const { return operands_.at(index); }
    [[nodiscard]] std::optional<std::string> optional_operand(std::size_t index) const;

  private:
    std::vector<std::string> operands_;
    std::map<std::string, std::vector<std::string>, std::less<>> options_;
};

} // namespace parley::command
