#include "form.hpp"

#include "parley/core/text.hpp"

#include <algorithm>

namespace parley::oauth
{

namespace
{

constexpr std::size_t parameters_max = 100;

int hex_value(char c) noexcept
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

} // namespace

std::optional<std::string> decode_form_value(std::string_view text)
{
    std::string value;
    value.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i)
    {
        if (text[i] != '%')
        {
            value += text[i] == '+' ? ' ' : text[i];
            continue;
        }
        int const high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
        int const low = high < 0 ? -1 : hex_value(text[i + 2]);
        if (low < 0) return std::nullopt;
        value += static_cast<char>(high << 4 | low);
        i += 2;
    }
    if (find_invalid_utf8(value) || value.find('\0') != std::string::npos) return std::nullopt;
    return value;
}

std::optional<Form> Form::parse(std::string_view text)
{
    Form form;
    while (!text.empty())
    {
        auto const ampersand = text.find('&');
        auto const pair = text.substr(0, ampersand);
        text.remove_prefix(ampersand == std::string_view::npos ? text.size() : ampersand + 1);
        if (pair.empty()) continue;
        if (form.parameters_.size() == parameters_max) return std::nullopt;
        auto const equals = pair.find('=');
        auto name = decode_form_value(pair.substr(0, equals));
        auto value = decode_form_value(equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1));
        if (!name || !value) return std::nullopt;
        form.parameters_.push_back({std::move(*name), std::move(*value)});
    }
    return form;
}

std::string const& Form::value(std::string_view name) const noexcept
{
    static std::string const none;
    auto const found =
        std::find_if(parameters_.begin(), parameters_.end(), [&](Parameter const& one) { return one.name == name; });
    return found == parameters_.end() ? none : found->value;
}

std::size_t Form::count(std::string_view name) const noexcept
{
    return static_cast<std::size_t>(
        std::count_if(parameters_.begin(), parameters_.end(), [&](Parameter const& one) { return one.name == name; }));
}

std::optional<std::string> Form::doubled() const
{
    for (auto one = parameters_.begin(); one != parameters_.end(); ++one)
    {
        auto const is_same = [&](Parameter const& other) { return other.name == one->name; };
        if (one->name != "resource" && std::find_if(std::next(one), parameters_.end(), is_same) != parameters_.end())
            return one->name;
    }
    return std::nullopt;
}

std::optional<Form> Form::merged_with(Form const& other) const
{
    Form merged = *this;
    for (Parameter const& one : other.parameters_)
    {
        if (!contains(one.name))
            merged.parameters_.push_back(one);
        else if (value(one.name) != one.value)
            return std::nullopt;
    }
    return merged;
}

void append_parameter(std::string& query, std::string_view name, std::string_view value)
{
    if (value.empty()) return;
    if (!query.empty()) query += '&';
    append_percent_encoded(query, name);
    query += '=';
    while (true)
    {
        auto const space = value.find(' ');
        append_percent_encoded(query, value.substr(0, space));
        if (space == std::string_view::npos) return;
        query += '+';
        value.remove_prefix(space + 1);
    }
}

} // namespace parley::oauth
