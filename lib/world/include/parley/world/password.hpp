// Passwords and client secrets: argon2id (RFC 9106) with the first of OWASP's recommended settings for little memory.
#pragma once

#include <string>
#include <string_view>

namespace parley::world
{

// The hash in its encoded form ("$argon2id$v=19$m=19456,t=2,p=1$..."), with a new random salt. Some 20 ms. An empty password gives an empty
// hash, which no password matches. Throws std::runtime_error when the memory is missing.
[[nodiscard]] std::string hash_password(std::string_view password);

// Whether the password belongs to the encoded hash.
[[nodiscard]] bool verify_password(std::string_view encoded, std::string_view password);

} // namespace parley::world
