#include "parley/core/text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace parley
{

namespace
{

// How many bytes the code point at the front takes, or 0 where it is not well-formed (RFC 3629, 4).
std::size_t sequence_length(unsigned char const* at, std::size_t left) noexcept
{
    auto const continues = [&](std::size_t i) { return i < left && (at[i] & 0xC0) == 0x80; };
    unsigned char const lead = at[0];
    if (lead < 0x80) return 1;
    if (lead < 0xC2) return 0;
    if (lead < 0xE0) return continues(1) ? 2 : 0;
    if (lead < 0xF0)
    {
        if (!continues(1) || !continues(2)) return 0;
        if (lead == 0xE0 && at[1] < 0xA0) return 0;  // Overlong.
        if (lead == 0xED && at[1] >= 0xA0) return 0; // A surrogate.
        return 3;
    }
    if (lead > 0xF4 || !continues(1) || !continues(2) || !continues(3)) return 0;
    if (lead == 0xF0 && at[1] < 0x90) return 0;  // Overlong.
    if (lead == 0xF4 && at[1] >= 0x90) return 0; // Beyond U+10FFFF.
    return 4;
}

// Unicode's White_Space and U+001C to U+001F.
bool is_space(std::uint32_t point) noexcept
{
    return (point >= 0x09 && point <= 0x0D) || (point >= 0x1C && point <= 0x20) || point == 0x85 || point == 0xA0 ||
           point == 0x1680 || (point >= 0x2000 && point <= 0x200A) || point == 0x2028 || point == 0x2029 || point == 0x202F ||
           point == 0x205F || point == 0x3000;
}

std::uint32_t decode(std::string_view sequence) noexcept
{
    auto const byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(sequence[i])); };
    switch (sequence.size())
    {
    case 1:
        return byte(0);
    case 2:
        return (byte(0) & 0x1F) << 6 | (byte(1) & 0x3F);
    case 3:
        return (byte(0) & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F);
    default:
        return (byte(0) & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F);
    }
}

bool is_continuation(char c) noexcept
{
    return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

int hex_value(char c) noexcept
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

char lower(char c) noexcept
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

} // namespace

std::optional<std::size_t> find_invalid_utf8(std::string_view text) noexcept
{
    auto const* const begin = reinterpret_cast<unsigned char const*>(text.data());
    std::size_t at = 0;
    while (at < text.size())
    {
        // Eight ASCII bytes at a time: almost all of what comes.
        std::uint64_t word = 0;
        while (at + sizeof word <= text.size())
        {
            std::memcpy(&word, begin + at, sizeof word);
            if ((word & 0x8080808080808080ULL) != 0) break;
            at += sizeof word;
        }
        if (at >= text.size()) break;
        std::size_t const length = sequence_length(begin + at, text.size() - at);
        if (length == 0) return at;
        at += length;
    }
    return std::nullopt;
}

std::size_t count_code_points(std::string_view text) noexcept
{
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return !is_continuation(c); }));
}

std::string_view trim(std::string_view text) noexcept
{
    while (!text.empty())
    {
        std::size_t length = 1;
        while (length < text.size() && length < 4 && is_continuation(text[length]))
            ++length;
        if (!is_space(decode(text.substr(0, length)))) break;
        text.remove_prefix(length);
    }
    while (!text.empty())
    {
        std::size_t length = 1;
        while (length < text.size() && length < 4 && is_continuation(text[text.size() - length]))
            ++length;
        if (!is_space(decode(text.substr(text.size() - length)))) break;
        text.remove_suffix(length);
    }
    return text;
}

std::string_view trim_ows(std::string_view text) noexcept
{
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
        text.remove_suffix(1);
    return text;
}

bool is_blank(std::string_view text) noexcept
{
    return trim(text).empty();
}

bool equal_ignoring_case(std::string_view left, std::string_view right) noexcept
{
    return left.size() == right.size() &&
           std::equal(left.begin(), left.end(), right.begin(), [](char a, char b) { return lower(a) == lower(b); });
}

std::string to_lower_ascii(std::string_view text)
{
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), lower);
    return out;
}

std::string percent_decode(std::string_view text, bool plus_is_space)
{
    if (text.find_first_of(plus_is_space ? "%+" : "%") == std::string_view::npos) return std::string(text);
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i)
    {
        char const c = text[i];
        if (c == '+' && plus_is_space)
        {
            out += ' ';
            continue;
        }
        if (c == '%' && i + 2 < text.size())
        {
            int const high = hex_value(text[i + 1]);
            int const low = hex_value(text[i + 2]);
            if (high >= 0 && low >= 0)
            {
                out += static_cast<char>(high << 4 | low);
                i += 2;
                continue;
            }
        }
        out += c;
    }
    return out;
}

void append_percent_encoded(std::string& out, std::string_view text, std::string_view keep)
{
    static constexpr char digits[] = "0123456789ABCDEF";
    static constexpr auto unreserved = []
    {
        std::array<bool, 256> table{};
        for (int c = 0; c < 256; ++c)
            table[static_cast<std::size_t>(c)] = is_unreserved(static_cast<char>(c));
        return table;
    }();
    while (!text.empty())
    {
        std::size_t run = 0;
        while (run < text.size() &&
               (unreserved[static_cast<unsigned char>(text[run])] || keep.find(text[run]) != std::string_view::npos))
            ++run;
        out.append(text, 0, run);
        if (run == text.size()) return;
        auto const byte = static_cast<unsigned char>(text[run]);
        text.remove_prefix(run + 1);
        out += '%';
        out += digits[byte >> 4];
        out += digits[byte & 15];
    }
}

} // namespace parley
