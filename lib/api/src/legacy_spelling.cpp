#include "legacy_spelling.hpp"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace parley::api
{

namespace
{

void append_value(std::string& out, json::Value value);

void append_hex(std::string& out, std::string_view prefix, std::uint32_t point, int digits)
{
    static constexpr char hex[] = "0123456789abcdef";
    out += prefix;
    for (int i = digits; i-- > 0;)
        out += hex[point >> (4 * i) & 15];
}

// Escapes the characters that Python does not print: controls, and those others that are met in practice.
void append_character(std::string& out, std::string_view sequence, char quote)
{
    auto const byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(sequence[i])); };
    if (sequence.size() == 1)
    {
        char const c = sequence[0];
        if (c == '\n')
            out += "\\n";
        else if (c == '\r')
            out += "\\r";
        else if (c == '\t')
            out += "\\t";
        else if (byte(0) < 0x20 || byte(0) == 0x7F)
            append_hex(out, "\\x", byte(0), 2);
        else
        {
            if (c == '\\' || c == quote) out += '\\';
            out += c;
        }
        return;
    }
    std::uint32_t const two = (byte(0) & 0x1F) << 6 | (byte(1) & 0x3F);
    if (sequence.size() == 2 && (two <= 0xA0 || two == 0xAD)) return append_hex(out, "\\x", two, 2);
    if (sequence.size() == 3)
    {
        std::uint32_t const point = (byte(0) & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F);
        bool const is_surrogate = point >= 0xD800 && point < 0xE000;
        bool const is_layout = (point >= 0x2000 && point <= 0x200F) || (point >= 0x2028 && point <= 0x202F) || point == 0xFEFF;
        if (is_surrogate || is_layout) return append_hex(out, "\\u", point, 4);
    }
    out += sequence;
}

void append_quoted(std::string& out, std::string_view text)
{
    bool const has_single = text.find('\'') != std::string_view::npos;
    char const quote = has_single && text.find('"') == std::string_view::npos ? '"' : '\'';
    out += quote;
    while (!text.empty())
    {
        std::size_t length = 1;
        while (length < text.size() && (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80)
            ++length;
        append_character(out, text.substr(0, length), quote);
        text.remove_prefix(length);
    }
    out += quote;
}

// The shortest digits that read back as the same double; with an exponent below 1e-4 and from 1e16 on.
void append_float(std::string& out, std::string_view spelling)
{
    double const number = std::strtod(std::string(spelling).c_str(), nullptr);
    if (std::isinf(number))
    {
        out += number < 0 ? "-inf" : "inf";
        return;
    }
    char text[64];
    double const size = std::fabs(number);
    bool const is_plain = size == 0 || (size >= 1e-4 && size < 1e16);
    auto const form = is_plain ? std::chars_format::fixed : std::chars_format::scientific;
    auto const end = std::to_chars(std::begin(text), std::end(text), number, form).ptr;
    std::string_view const written(text, static_cast<std::size_t>(end - text));
    out += written;
    if (is_plain && written.find('.') == std::string_view::npos) out += ".0";
}

void append_members(std::string& out, json::Value object)
{
    // A repeated key keeps its first place and takes its last value.
    std::vector<std::pair<std::string_view, json::Value>> members;
    std::unordered_map<std::string_view, std::size_t> places;
    for (auto member = object.begin(); member != object.end(); ++member)
    {
        auto const [place, is_new] = places.emplace(member.key(), members.size());
        if (is_new)
            members.emplace_back(member.key(), member.value());
        else
            members[place->second].second = member.value();
    }
    out += '{';
    for (auto const& [key, value] : members)
    {
        if (out.back() != '{') out += ", ";
        append_quoted(out, key);
        out += ": ";
        append_value(out, value);
    }
    out += '}';
}

void append_value(std::string& out, json::Value value)
{
    switch (value.kind())
    {
    case json::Kind::null:
        out += "None";
        break;
    case json::Kind::boolean:
        out += value.boolean() ? "True" : "False";
        break;
    case json::Kind::number:
        if (!value.is_integer())
            append_float(out, value.text());
        else
            out += value.text() == "-0" ? "0" : value.text();
        break;
    case json::Kind::string:
        append_quoted(out, value.text());
        break;
    case json::Kind::array:
    {
        out += '[';
        bool first = true;
        for (json::Value const element : value)
        {
            if (!std::exchange(first, false)) out += ", ";
            append_value(out, element);
        }
        out += ']';
        break;
    }
    case json::Kind::object:
        append_members(out, value);
        break;
    }
}

} // namespace

std::string to_legacy_text(json::Value value)
{
    if (value.is_string()) return std::string(value.text());
    std::string out;
    append_value(out, value);
    return out;
}

} // namespace parley::api
