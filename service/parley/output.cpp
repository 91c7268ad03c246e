#include "output.hpp"

#include "parley/core/json.hpp"
#include "parley/core/text.hpp"

#include <algorithm>
#include <iostream>

namespace parley::command
{

namespace
{

// A table is for eyes: what would break its lines or drive the terminal is shown as a dot.
std::string printable(std::string_view text)
{
    std::string result;
    for (char const c : text)
        result += (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) ? '.' : c;
    return result;
}

std::string padded(std::string text, std::size_t width)
{
    auto const shown = count_code_points(text);
    if (shown < width) text.append(width - shown, ' ');
    return text;
}

std::string heading_of(std::string_view name)
{
    std::string heading(name);
    std::ranges::transform(heading, heading.begin(),
                           [](unsigned char c) { return c == '_' ? ' ' : static_cast<char>(std::toupper(c)); });
    return heading;
}

} // namespace

Record& Record::text(std::string_view name, std::string_view value)
{
    attributes_.push_back({std::string(name), json::to_string_literal(value), printable(value)});
    return *this;
}

Record& Record::text_or_null(std::string_view name, std::optional<std::string> const& value)
{
    if (value) return text(name, *value);
    attributes_.push_back({std::string(name), "null", "-"});
    return *this;
}

Record& Record::number(std::string_view name, std::int64_t value)
{
    attributes_.push_back({std::string(name), std::to_string(value), std::to_string(value)});
    return *this;
}

Record& Record::flag(std::string_view name, bool value)
{
    attributes_.push_back({std::string(name), value ? "true" : "false", value ? "yes" : "no"});
    return *this;
}

Record& Record::time(std::string_view name, Timestamp value)
{
    return text(name, format_timestamp(value));
}

Record& Record::time_or_null(std::string_view name, std::optional<Timestamp> value)
{
    return text_or_null(name, value ? std::optional(format_timestamp(*value)) : std::nullopt);
}

Record& Record::texts(std::string_view name, std::vector<std::string> const& values)
{
    std::string list = "[";
    std::string plain;
    for (auto const& value : values)
    {
        list += (list.size() > 1 ? "," : "") + json::to_string_literal(value);
        plain += (plain.empty() ? "" : ", ") + printable(value);
    }
    attributes_.push_back({std::string(name), list + "]", plain});
    return *this;
}

Record& Record::document(std::string_view name, std::string_view json)
{
    attributes_.push_back({std::string(name), std::string(json), printable(json)});
    return *this;
}

std::string Record::to_json() const
{
    std::string result = "{";
    for (auto const& attribute : attributes_)
    {
        if (result.size() > 1) result += ',';
        result += json::to_string_literal(attribute.name) + ":" + attribute.json;
    }
    return result + "}";
}

void Output::list(std::vector<Record> const& records) const
{
    if (is_json_)
    {
        std::cout << '[';
        for (std::size_t i = 0; i < records.size(); ++i)
            std::cout << (i == 0 ? "" : ",\n ") << records[i].to_json();
        std::cout << "]\n";
        return;
    }
    if (records.empty()) return;
    std::vector<std::size_t> widths;
    for (auto const& attribute : records.front().attributes())
        widths.push_back(attribute.name.size());
    for (auto const& record : records)
        for (std::size_t i = 0; i < widths.size(); ++i)
            widths[i] = std::max(widths[i], count_code_points(record.attributes()[i].plain));
    auto const print = [&](auto const& cell)
    {
        std::string line;
        for (std::size_t i = 0; i < widths.size(); ++i)
            line += (i == 0 ? "" : "  ") + padded(cell(i), widths[i]);
        line.erase(line.find_last_not_of(' ') + 1);
        std::cout << line << '\n';
    };
    print([&](std::size_t i) { return heading_of(records.front().attributes()[i].name); });
    for (auto const& record : records)
        print([&](std::size_t i) { return record.attributes()[i].plain; });
}

void Output::show(Record const& record) const
{
    if (is_json_)
    {
        std::cout << record.to_json() << '\n';
        return;
    }
    std::size_t width = 0;
    for (auto const& attribute : record.attributes())
        width = std::max(width, attribute.name.size());
    for (auto const& attribute : record.attributes())
        std::cout << padded(attribute.name, width) << "  " << (attribute.plain.empty() ? "-" : attribute.plain) << '\n';
}

void Output::done(std::string_view sentence, Record const& record) const
{
    if (is_json_)
        std::cout << record.to_json() << '\n';
    else
        std::cout << sentence << '\n';
}

void Output::secret(std::string_view name, std::string_view secret, std::string_view sentence, Record const& record) const
{
    if (is_json_)
    {
        auto with_secret = record;
        std::cout << with_secret.text(name, secret).to_json() << '\n';
        return;
    }
    std::cerr << sentence << '\n';
    std::cout << secret << '\n';
}

std::string counted(std::int64_t count, std::string_view noun)
{
    return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

} // namespace parley::command
