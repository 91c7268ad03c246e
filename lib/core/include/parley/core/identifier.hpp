// Identifiers: UUIDs, random secrets and the digests under which secrets are stored.
#pragma once

#include "parley/core/clock.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace parley
{

// A UUID in its canonical spelling: 36 characters, lower case.
class Uuid
{
  public:
    // Every spelling that the API takes: with or without dashes, upper or lower case, in braces, behind "urn:uuid:".
    // (Python's uuid.UUID, which the API promised its clients.) Nothing for any other text.
    [[nodiscard]] static std::optional<Uuid> parse(std::string_view text) noexcept;

    [[nodiscard]] static Uuid from_bytes(std::array<std::uint8_t, 16> const& bytes) noexcept;

    [[nodiscard]] std::string_view text() const noexcept { return {text_.data(), text_.size()}; }
    [[nodiscard]] std::string str() const { return std::string(text()); }

    friend bool operator==(Uuid const&, Uuid const&) = default;
    friend auto operator<=>(Uuid const&, Uuid const&) = default;

  private:
    std::array<char, 36> text_{};
};

// A new UUID of version 7 (RFC 9562, 5.7): in order of time, so that new rows stand side by side in the index; 74 random bits.
// Thread-safe.
[[nodiscard]] Uuid make_uuid(Timestamp now);

// Fills with bytes of the operating system's generator. Thread-safe. Throws std::runtime_error when it has none.
void fill_random(void* bytes, std::size_t size);

// A number for ids that are unique in practice but no secrets: from a generator of the calling thread, which the system's seeds.
[[nodiscard]] std::uint64_t draw_number();

// The 16 hexadecimal digits of a number, in lower case.
[[nodiscard]] std::array<char, 16> to_hex(std::uint64_t number) noexcept;

// A secret of 256 random bits, as 43 characters of base64url (RFC 4648, 5). Thread-safe.
[[nodiscard]] std::string make_secret();

using Sha256 = std::array<std::uint8_t, 32>;

// SHA-256: under this digest keys and tokens are stored and found.
[[nodiscard]] Sha256 sha256(std::string_view text) noexcept;

[[nodiscard]] std::string to_hex(Sha256 const& digest);
[[nodiscard]] std::optional<Sha256> sha256_from_hex(std::string_view hex) noexcept;

// Equal in content, in a time that depends on the lengths only.
[[nodiscard]] bool equal_in_constant_time(std::string_view left, std::string_view right) noexcept;

} // namespace parley

template <>
struct std::hash<parley::Uuid>
{
    std::size_t operator()(parley::Uuid const& uuid) const noexcept { return std::hash<std::string_view>{}(uuid.text()); }
};

template <>
struct std::hash<parley::Sha256>
{
    // A digest is already spread evenly: its first bytes are a good hash.
    std::size_t operator()(parley::Sha256 const& digest) const noexcept
    {
        std::size_t value = 0;
        for (std::size_t i = 0; i < sizeof value; ++i)
            value = value << 8 | digest[i];
        return value;
    }
};
