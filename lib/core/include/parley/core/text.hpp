// UTF-8 text as the API understands it.
#pragma once

#include <array>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace parley
{

// The offset of the first byte that is not part of well-formed UTF-8 (RFC 3629), or nothing.
[[nodiscard]] std::optional<std::size_t> find_invalid_utf8(std::string_view text) noexcept;

// How many code points. The text must be well-formed.
[[nodiscard]] std::size_t count_code_points(std::string_view text) noexcept;

// Without white space at either end: Unicode white space and U+001C to U+001F (what Python's str.strip takes away).
[[nodiscard]] std::string_view trim(std::string_view text) noexcept;

// Without spaces and tabs at either end: optional white space of HTTP (RFC 9110, 5.6.3).
[[nodiscard]] std::string_view trim_ows(std::string_view text) noexcept;

// Whether nothing is left after trim.
[[nodiscard]] bool is_blank(std::string_view text) noexcept;

// Equal but for the case of ASCII letters, as field names and schemes compare.
[[nodiscard]] bool equal_ignoring_case(std::string_view left, std::string_view right) noexcept;

[[nodiscard]] std::string to_lower_ascii(std::string_view text);

// Percent-decoding of a path or of one parameter (then '+' is a space). Nothing is validated beyond %XX: a '%' that begins no
// %XX stays as it is; the result may be any bytes.
[[nodiscard]] std::string percent_decode(std::string_view text, bool plus_is_space);

// Whether a URL holds this byte as it is, wherever it stands (RFC 3986, 2.3).
[[nodiscard]] constexpr bool is_unreserved(char c) noexcept
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
           c == '~';
}

// Percent-encoding of everything but unreserved characters (RFC 3986, 2.3) and those in keep.
void append_percent_encoded(std::string& out, std::string_view text, std::string_view keep = {});

// In decimal digits, without an allocation of its own. Here, since answers and log lines are made of it.
void append_number(std::string& out, std::integral auto number)
{
    std::array<char, 20> digits; // NOLINT(cppcoreguidelines-pro-type-member-init): written before it is read.
    auto const end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    out.append(digits.data(), end);
}

} // namespace parley
