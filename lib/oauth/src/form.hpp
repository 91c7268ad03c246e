// application/x-www-form-urlencoded, read strictly.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace parley::oauth
{

// The parameters of a body or a query. An empty value counts as absent (RFC 6749, 3.1), but not for doubling.
class Form
{
  public:
    // Nothing where the text is malformed: a '%' without two hexadecimal digits, a value that is not UTF-8 or holds a NUL, more
    // than 100 parameters.
    [[nodiscard]] static std::optional<Form> parse(std::string_view text);

    // The value of the first parameter of that name; empty where there is none.
    [[nodiscard]] std::string const& value(std::string_view name) const noexcept;
    [[nodiscard]] bool has(std::string_view name) const noexcept { return !value(name).empty(); }
    [[nodiscard]] bool contains(std::string_view name) const noexcept { return count(name) != 0; }
    [[nodiscard]] std::size_t count(std::string_view name) const noexcept;
    [[nodiscard]] bool empty() const noexcept { return parameters_.empty(); }

    struct Parameter
    {
        std::string name;
        std::string value;
    };
    [[nodiscard]] std::vector<Parameter> const& parameters() const noexcept { return parameters_; }

    // The name of a parameter that stands twice, or nothing. `resource` may stand twice (RFC 8707).
    [[nodiscard]] std::optional<std::string> doubled() const;

    // The other's parameters whose names are not here are added; nothing where both have one with different values.
    [[nodiscard]] std::optional<Form> merged_with(Form const& other) const;

  private:
    std::vector<Parameter> parameters_;
};

// name=value pairs as browsers write them: a space is '+'. Values that are empty are left out.
void append_parameter(std::string& query, std::string_view name, std::string_view value);

// A value decoded as in a form, or nothing where it is malformed.
[[nodiscard]] std::optional<std::string> decode_form_value(std::string_view text);

} // namespace parley::oauth
