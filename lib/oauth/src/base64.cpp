#include "base64.hpp"

#include <cstdint>

namespace parley::oauth
{

namespace
{

constexpr std::string_view url_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view plain_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// text has no padding any more.
std::optional<std::string> decode(std::string_view text, std::string_view alphabet)
{
    if (text.size() % 4 == 1) return std::nullopt;
    std::string bytes;
    bytes.reserve(text.size() / 4 * 3 + 2);
    std::uint32_t bits = 0;
    int held = 0;
    for (char const c : text)
    {
        auto const value = alphabet.find(c);
        if (value == std::string_view::npos) return std::nullopt;
        bits = bits << 6 | static_cast<std::uint32_t>(value);
        held += 6;
        if (held < 8) continue;
        held -= 8;
        bytes += static_cast<char>(bits >> held & 0xFF);
        bits &= (1U << held) - 1;
    }
    if (bits != 0) return std::nullopt;
    return bytes;
}

} // namespace

std::string to_base64url(std::string_view bytes)
{
    std::string text;
    text.reserve((bytes.size() * 4 + 2) / 3);
    std::uint32_t bits = 0;
    int held = 0;
    for (char const c : bytes)
    {
        bits = (bits << 8 | static_cast<unsigned char>(c)) & 0xFFFF;
        held += 8;
        while (held >= 6)
        {
            held -= 6;
            text += url_alphabet[bits >> held & 63];
        }
    }
    if (held > 0) text += url_alphabet[bits << (6 - held) & 63];
    return text;
}

std::optional<std::string> from_base64(std::string_view text)
{
    if (text.size() % 4 != 0) return std::nullopt;
    for (int i = 0; i < 2 && text.ends_with('='); ++i)
        text.remove_suffix(1);
    return decode(text, plain_alphabet);
}

std::optional<std::string> from_base64url(std::string_view text)
{
    return decode(text, url_alphabet);
}

} // namespace parley::oauth
