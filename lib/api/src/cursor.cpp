#include "parley/api/cursor.hpp"

#include "parley/core/text.hpp"
#include "parley/schema/limits.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

// A cursor is '1' (the version of this form) and, in base64url without padding (RFC 4648, 5):
//   1 byte   the direction
//   8 bytes  created_at, microseconds since 1970, the highest byte first
//   n bytes  the id
//   4 bytes  a checksum of all that (FNV-1a, 32 bits)
namespace parley::api
{

namespace
{

constexpr char version = '1';
constexpr std::size_t head_bytes = 9;
constexpr std::size_t checksum_bytes = 4;
constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::size_t id_bytes_max = schema::session_id_max * 4;
constexpr std::size_t text_max = 1 + (head_bytes + id_bytes_max + checksum_bytes) * 4 / 3 + 1;

// The years 1 to 9999: what the store can hold and ISO 8601 can write.
constexpr std::int64_t first_instant = -62'135'596'800'000'000;
constexpr std::int64_t last_instant = 253'402'300'799'999'999;

std::uint32_t checksum(std::string_view bytes) noexcept
{
    std::uint32_t hash = 2166136261U;
    for (char const c : bytes)
        hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
    return hash;
}

void append_big_endian(std::string& out, std::uint64_t value, std::size_t bytes)
{
    for (std::size_t i = bytes; i-- > 0;)
        out += static_cast<char>(value >> (8 * i) & 0xFF);
}

std::uint64_t read_big_endian(std::string_view bytes) noexcept
{
    std::uint64_t value = 0;
    for (char const c : bytes)
        value = value << 8 | static_cast<unsigned char>(c);
    return value;
}

void append_base64url(std::string& out, std::string_view bytes)
{
    std::uint32_t bits = 0;
    int held = 0;
    for (char const c : bytes)
    {
        bits = bits << 8 | static_cast<unsigned char>(c);
        for (held += 8; held >= 6; held -= 6)
            out += alphabet[bits >> (held - 6) & 63];
    }
    if (held > 0) out += alphabet[bits << (6 - held) & 63];
}

constexpr std::array<signed char, 256> make_digits() noexcept
{
    std::array<signed char, 256> digits{};
    digits.fill(-1);
    for (std::size_t i = 0; i < alphabet.size(); ++i)
        digits[static_cast<unsigned char>(alphabet[i])] = static_cast<signed char>(i);
    return digits;
}

std::optional<std::string> read_base64url(std::string_view text)
{
    static constexpr std::array<signed char, 256> digits = make_digits();
    std::string bytes;
    bytes.reserve(text.size() * 3 / 4);
    std::uint32_t bits = 0;
    int held = 0;
    for (char const c : text)
    {
        signed char const digit = digits[static_cast<unsigned char>(c)];
        if (digit < 0) return std::nullopt;
        bits = bits << 6 | static_cast<std::uint32_t>(digit);
        held += 6;
        if (held < 8) continue;
        held -= 8;
        bytes += static_cast<char>(bits >> held & 0xFF);
    }
    return bytes;
}

bool is_session_id(std::string_view id) noexcept
{
    return !id.empty() && id.find('\0') == std::string_view::npos && !find_invalid_utf8(id) &&
           count_code_points(id) <= schema::session_id_max;
}

std::optional<domain::Cursor> read_fields(std::string_view bytes)
{
    if (bytes.size() < head_bytes + checksum_bytes) return std::nullopt;
    std::string_view const payload = bytes.substr(0, bytes.size() - checksum_bytes);
    if (read_big_endian(bytes.substr(payload.size())) != checksum(payload)) return std::nullopt;

    auto const direction = static_cast<unsigned char>(payload[0]);
    auto const instant = static_cast<std::int64_t>(read_big_endian(payload.substr(1, head_bytes - 1)));
    std::string_view const id = payload.substr(head_bytes);
    if (direction > 1 || instant < first_instant || instant > last_instant || !is_session_id(id)) return std::nullopt;
    return domain::Cursor{.direction = static_cast<domain::Cursor::Direction>(direction),
                          .created_at = Timestamp(std::chrono::microseconds(instant)),
                          .id = std::string(id)};
}

} // namespace

std::string encode_cursor(domain::Cursor const& cursor)
{
    std::string bytes;
    bytes.reserve(head_bytes + cursor.id.size() + checksum_bytes);
    bytes += static_cast<char>(cursor.direction);
    append_big_endian(bytes, static_cast<std::uint64_t>(cursor.created_at.time_since_epoch().count()), head_bytes - 1);
    bytes += cursor.id;
    append_big_endian(bytes, checksum(bytes), checksum_bytes);

    std::string text;
    text.reserve(bytes.size() * 4 / 3 + 2);
    text += version;
    append_base64url(text, bytes);
    return text;
}

std::optional<domain::Cursor> decode_cursor(std::string_view text)
{
    if (text.empty() || text.front() != version || text.size() > text_max) return std::nullopt;
    std::optional<std::string> const bytes = read_base64url(text.substr(1));
    if (!bytes) return std::nullopt;
    std::optional<domain::Cursor> cursor = read_fields(*bytes);
    // The last digit of base64 has bits to spare: only the spelling that was given out counts.
    if (cursor && encode_cursor(*cursor) != text) return std::nullopt;
    return cursor;
}

} // namespace parley::api
