#include "parley/world/password.hpp"

#include "parley/core/identifier.hpp"

#include <argon2.h>

#include <array>
#include <stdexcept>

namespace parley::world
{

namespace
{

// OWASP's password storage cheat sheet: 19 MiB, two passes, one lane.
constexpr std::uint32_t passes = 2;
constexpr std::uint32_t memory_kibibytes = 19 * 1024;
constexpr std::uint32_t lanes = 1;
constexpr std::size_t hash_bytes = 32;

} // namespace

std::string hash_password(std::string_view password)
{
    if (password.empty()) return {};
    std::array<std::uint8_t, 16> salt{};
    fill_random(salt.data(), salt.size());
    std::string encoded(argon2_encodedlen(passes, memory_kibibytes, lanes, salt.size(), hash_bytes, Argon2_id), '\0');
    auto const code = argon2id_hash_encoded(passes, memory_kibibytes, lanes, password.data(), password.size(), salt.data(), salt.size(),
                                            hash_bytes, encoded.data(), encoded.size());
    if (code != ARGON2_OK) throw std::runtime_error(std::string("cannot hash a password: ") + argon2_error_message(code));
    encoded.resize(encoded.find('\0')); // encodedlen counts the final zero.
    return encoded;
}

bool verify_password(std::string_view encoded, std::string_view password)
{
    if (encoded.empty()) return false;
    return argon2id_verify(std::string(encoded).c_str(), password.data(), password.size()) == ARGON2_OK;
}

} // namespace parley::world
