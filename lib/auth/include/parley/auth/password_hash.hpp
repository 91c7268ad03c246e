// Passwords and client secrets as they are stored: argon2id (RFC 9106), and the hashes that accounts bring along when they move
// from Django.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace parley::auth
{

// What a password is to a stored hash.
enum class PasswordMatch : std::uint8_t
{
    none,
    match,
    match_but_stale, // Right, but the hash is of an older kind or other settings: store hash_password's in its place.
};

// The hash in its encoded form ("$argon2id$v=19$m=19456,t=2,p=1$..."), with a new random salt. Some 20 ms. An empty password
// gives an empty hash, which no password matches. Throws std::runtime_error when the memory is missing.
[[nodiscard]] std::string hash_password(std::string_view password);

// Whether the password belongs to the encoded hash: argon2id, also behind Django's prefix "argon2$", or Django's
// "pbkdf2_sha256$<iterations>$<salt>$<base64>". Anything else, and settings that would cost too much, match nothing. Digests are
// compared in constant time; how long it takes depends on the hash's settings only. Blocks for 20 ms and more.
[[nodiscard]] PasswordMatch verify_password(std::string_view encoded, std::string_view password);

} // namespace parley::auth
