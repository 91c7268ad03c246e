// How far a JSON string can be taken as it stands: both who reads and who writes one ask.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace parley::json
{

// Bytes that end the plain run of a string: '"', '\' and control characters.
constexpr std::array<bool, 256> make_string_stops()
{
    std::array<bool, 256> stops{};
    for (std::size_t i = 0; i < 0x20; ++i)
        stops[i] = true;
    stops['"'] = true;
    stops['\\'] = true;
    return stops;
}
inline constexpr auto string_stops = make_string_stops();

constexpr std::uint64_t repeated(unsigned char byte) noexcept
{
    return std::uint64_t{0x0101010101010101} * byte;
}

// Whether one of eight bytes is less than bound, which is 0x80 at most.
constexpr bool has_less(std::uint64_t bytes, unsigned char bound) noexcept
{
    return ((bytes - repeated(bound)) & ~bytes & repeated(0x80)) != 0;
}

// Where the run of plain bytes that begins at from ends.
inline std::size_t plain_run(std::string_view text, std::size_t from) noexcept
{
    for (std::uint64_t bytes = 0; from + sizeof bytes <= text.size(); from += sizeof bytes) // Most text stops nowhere.
    {
        std::memcpy(&bytes, text.data() + from, sizeof bytes);
        if (has_less(bytes, 0x20) || has_less(bytes ^ repeated('"'), 1) || has_less(bytes ^ repeated('\\'), 1)) break;
    }
    while (from < text.size() && !string_stops[static_cast<unsigned char>(text[from])])
        ++from;
    return from;
}

} // namespace parley::json
