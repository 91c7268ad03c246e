// The smallest pieces of HTTP's grammar, shared by the gate, the chunked decoder and the answers.
#pragma once

#include "parley/http/message.hpp"

#include <array>
#include <cstdint>
#include <string_view>

namespace parley::http::syntax
{

enum Class : std::uint8_t
{
    token = 1,        // tchar (RFC 9110, 5.6.2)
    field_value = 2,  // Visible ASCII, space, tab, obs-text (RFC 9110, 5.5)
    target = 4,       // Visible ASCII but '#'
    host_name = 8,    // Letters, digits, '-', '.', '_'
    digit = 16,       // 0-9
    hex_digit = 32,   // 0-9, a-f, A-F
    quoted_text = 64, // qdtext (RFC 9110, 5.6.4)
};

constexpr std::array<std::uint8_t, 256> make_classes()
{
    std::array<std::uint8_t, 256> classes{};
    for (unsigned c = 0; c < 256; ++c)
    {
        bool const is_digit = c >= '0' && c <= '9';
        bool const is_hex_letter = (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        bool const is_alphanumeric = is_digit || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool const is_visible = c > 0x20 && c < 0x7f;
        bool const is_text = is_visible || c == ' ' || c == '\t' || c >= 0x80;
        std::uint8_t mask = 0;
        auto const add = [&](bool holds, Class kind) { mask = static_cast<std::uint8_t>(mask | (holds ? kind : 0)); };
        add(is_alphanumeric ||
                (is_visible && std::string_view("!#$%&'*+-.^_`|~").find(static_cast<char>(c)) != std::string_view::npos),
            token);
        add(is_text, field_value);
        add(is_visible && c != '#', target);
        add(is_alphanumeric || c == '-' || c == '.' || c == '_', host_name);
        add(is_digit, digit);
        add(is_digit || is_hex_letter, hex_digit);
        add(is_text && c != '"' && c != '\\', quoted_text);
        classes[c] = mask;
    }
    return classes;
}

inline constexpr std::array<std::uint8_t, 256> classes = make_classes();

[[nodiscard]] constexpr bool is(Class kind, char c) noexcept
{
    return (classes[static_cast<unsigned char>(c)] & kind) != 0;
}

// Whether every character is of that class; true for nothing at all.
[[nodiscard]] constexpr bool all(Class kind, std::string_view text) noexcept
{
    for (char const c : text)
    {
        if (!is(kind, c)) return false;
    }
    return true;
}

[[nodiscard]] constexpr bool is_token(std::string_view text) noexcept
{
    return !text.empty() && all(token, text);
}

// Without optional white space at either end.
[[nodiscard]] constexpr std::string_view trim(std::string_view text) noexcept
{
    auto const is_space = [](char c) { return c == ' ' || c == '\t'; };
    while (!text.empty() && is_space(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && is_space(text.back()))
        text.remove_suffix(1);
    return text;
}

[[nodiscard]] constexpr char lower(char c) noexcept
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

// Equal but for the case of ASCII letters.
[[nodiscard]] constexpr bool same(std::string_view left, std::string_view right) noexcept
{
    if (left.size() != right.size()) return false;
    for (std::size_t i = 0; i < left.size(); ++i)
    {
        if (lower(left[i]) != lower(right[i])) return false;
    }
    return true;
}

// Takes the next element of a comma-separated list from the front, trimmed. False when there is none left.
[[nodiscard]] bool next_element(std::string_view& list, std::string_view& element) noexcept;

// Reads "name: value", without its CRLF. What is wrong with it, or nullptr.
[[nodiscard]] char const* read_field_line(std::string_view line, Field& field) noexcept;

// host [":" port] as we take it: a name of letters, digits, '-', '.', '_', or an IPv6 address in brackets.
[[nodiscard]] bool is_authority(std::string_view text) noexcept;

// The name of the media-independent reason: "HTTP/1.1 200 OK\r\n".
[[nodiscard]] std::string_view status_line(int status) noexcept;

} // namespace parley::http::syntax
