#include "parley/auth/password_hash.hpp"

#include "parley/core/identifier.hpp"

#include <argon2.h>
#include <openssl/evp.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <vector>

namespace parley::auth
{

namespace
{

// OWASP's password storage cheat sheet: 19 MiB, two passes, one lane.
constexpr std::uint32_t passes = 2;
constexpr std::uint32_t memory_kibibytes = 19 * 1024;
constexpr std::uint32_t lanes = 1;
constexpr std::size_t hash_bytes = 32;
constexpr std::string_view our_settings = "$argon2id$v=19$m=19456,t=2,p=1$";

// A stored hash may ask for this much at most: one that a mistake made dear must not stop the service.
constexpr std::uint32_t memory_kibibytes_max = 256 * 1024;
constexpr std::uint32_t passes_max = 16;
constexpr std::uint32_t iterations_max = 5'000'000;
constexpr std::size_t encoded_bytes_max = 1024;

// The number behind the mark ("m="), as the encoded forms spell it.
std::optional<std::uint32_t> number_after(std::string_view text, std::string_view mark)
{
    auto const at = text.find(mark);
    if (at == std::string_view::npos) return std::nullopt;
    text.remove_prefix(at + mark.size());
    std::uint32_t number = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end == text.data()) return std::nullopt;
    return number;
}

PasswordMatch verify_argon2(std::string_view encoded, std::string_view password)
{
    auto const memory = number_after(encoded, "$m=");
    auto const rounds = number_after(encoded, ",t=");
    if (!memory || !rounds || *memory > memory_kibibytes_max || *rounds > passes_max) return PasswordMatch::none;
    if (argon2id_verify(std::string(encoded).c_str(), password.data(), password.size()) != ARGON2_OK) return PasswordMatch::none;
    return encoded.starts_with(our_settings) ? PasswordMatch::match : PasswordMatch::match_but_stale;
}

std::optional<std::vector<unsigned char>> decode_base64(std::string_view text)
{
    if (text.empty() || text.size() % 4 != 0) return std::nullopt;
    std::vector<unsigned char> bytes(text.size() / 4 * 3);
    int const size =
        EVP_DecodeBlock(bytes.data(), reinterpret_cast<unsigned char const*>(text.data()), static_cast<int>(text.size()));
    if (size < 0) return std::nullopt;
    std::size_t const padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
    bytes.resize(static_cast<std::size_t>(size) - padding);
    return bytes;
}

// The next part before a '$', taken off the front.
std::string_view take_part(std::string_view& text)
{
    auto const dollar = text.find('$');
    auto const part = text.substr(0, dollar);
    text.remove_prefix(dollar == std::string_view::npos ? text.size() : dollar + 1);
    return part;
}

PasswordMatch verify_pbkdf2(std::string_view rest, std::string_view password)
{
    auto const iterations = number_after(take_part(rest), "");
    auto const salt = take_part(rest);
    auto const expected = decode_base64(rest);
    if (!iterations || *iterations == 0 || *iterations > iterations_max || salt.empty()) return PasswordMatch::none;
    if (!expected || expected->size() != 32) return PasswordMatch::none;

    std::array<unsigned char, 32> digest{};
    int const done =
        PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), reinterpret_cast<unsigned char const*>(salt.data()),
                          static_cast<int>(salt.size()), static_cast<int>(*iterations), EVP_sha256(),
                          static_cast<int>(digest.size()), digest.data());
    auto const text = [](auto const& bytes)
    { return std::string_view(reinterpret_cast<char const*>(bytes.data()), bytes.size()); };
    if (done != 1 || !equal_in_constant_time(text(digest), text(*expected))) return PasswordMatch::none;
    return PasswordMatch::match_but_stale;
}

} // namespace

std::string hash_password(std::string_view password)
{
    if (password.empty()) return {};
    std::array<std::uint8_t, 16> salt{};
    fill_random(salt.data(), salt.size());
    std::string encoded(argon2_encodedlen(passes, memory_kibibytes, lanes, salt.size(), hash_bytes, Argon2_id), '\0');
    auto const code = argon2id_hash_encoded(passes, memory_kibibytes, lanes, password.data(), password.size(), salt.data(),
                                            salt.size(), hash_bytes, encoded.data(), encoded.size());
    if (code != ARGON2_OK) throw std::runtime_error(std::string("cannot hash a password: ") + argon2_error_message(code));
    encoded.resize(encoded.find('\0')); // encodedlen counts the final zero.
    return encoded;
}

PasswordMatch verify_password(std::string_view encoded, std::string_view password)
{
    constexpr std::string_view django_argon2 = "argon2$argon2id$"; // Django puts the algorithm's family before the encoded form.
    constexpr std::string_view django_pbkdf2 = "pbkdf2_sha256$";
    if (encoded.empty() || encoded.size() > encoded_bytes_max) return PasswordMatch::none;
    if (encoded.starts_with("$argon2id$")) return verify_argon2(encoded, password);
    if (encoded.starts_with(django_argon2)) return verify_argon2(encoded.substr(std::string_view("argon2").size()), password);
    if (encoded.starts_with(django_pbkdf2)) return verify_pbkdf2(encoded.substr(django_pbkdf2.size()), password);
    return PasswordMatch::none;
}

} // namespace parley::auth
