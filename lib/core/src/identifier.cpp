#include "parley/core/identifier.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <stdexcept>

namespace parley
{

namespace
{

constexpr char hex_digits[] = "0123456789abcdef";

int hex_value(char c) noexcept
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

} // namespace

// Python takes every "urn:" and "uuid:" out, strips braces at the ends, takes every dash out, and wants 32 hexadecimal digits.
std::optional<Uuid> Uuid::parse(std::string_view text) noexcept
{
    auto const remove_all = [](std::string& from, std::string_view what)
    {
        for (auto at = from.find(what); at != std::string::npos; at = from.find(what, at))
            from.erase(at, what.size());
    };
    if (text.size() > 128) return std::nullopt; // Longer than any spelling; bounds the work below.
    std::string rest(text);
    remove_all(rest, "urn:");
    remove_all(rest, "uuid:");
    while (!rest.empty() && (rest.front() == '{' || rest.front() == '}'))
        rest.erase(0, 1);
    while (!rest.empty() && (rest.back() == '{' || rest.back() == '}'))
        rest.pop_back();
    std::erase(rest, '-');
    if (rest.size() != 32) return std::nullopt;
    std::array<std::uint8_t, 16> bytes{};
    for (std::size_t i = 0; i < 16; ++i)
    {
        int const high = hex_value(rest[2 * i]);
        int const low = hex_value(rest[2 * i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
    }
    return from_bytes(bytes);
}

Uuid Uuid::from_bytes(std::array<std::uint8_t, 16> const& bytes) noexcept
{
    Uuid uuid;
    std::size_t at = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i)
    {
        if (i == 4 || i == 6 || i == 8 || i == 10) uuid.text_[at++] = '-';
        uuid.text_[at++] = hex_digits[bytes[i] >> 4];
        uuid.text_[at++] = hex_digits[bytes[i] & 15];
    }
    return uuid;
}

Uuid make_uuid(Timestamp now)
{
    std::array<std::uint8_t, 16> bytes{};
    fill_random(bytes.data() + 6, 10);
    auto const millis = static_cast<std::uint64_t>(std::chrono::floor<std::chrono::milliseconds>(now).time_since_epoch().count());
    for (std::size_t i = 0; i < 6; ++i)
        bytes[i] = static_cast<std::uint8_t>(millis >> (40 - 8 * i));
    bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0F) | 0x70);
    bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3F) | 0x80);
    return Uuid::from_bytes(bytes);
}

void fill_random(void* bytes, std::size_t size)
{
    // A pool per thread: one call of the generator for many ids. What is given out is wiped.
    thread_local std::array<unsigned char, 1024> pool;
    thread_local std::size_t used = pool.size();
    auto* out = static_cast<unsigned char*>(bytes);
    while (size > 0)
    {
        if (used == pool.size())
        {
            if (RAND_bytes(pool.data(), static_cast<int>(pool.size())) != 1)
                throw std::runtime_error("the operating system gives no random bytes");
            used = 0;
        }
        std::size_t const part = std::min(size, pool.size() - used);
        std::copy_n(pool.data() + used, part, out);
        OPENSSL_cleanse(pool.data() + used, part);
        used += part;
        out += part;
        size -= part;
    }
}

// SplitMix64 (Steele, Lea, Flood 2014): a few instructions instead of a system call for every request.
std::uint64_t draw_number()
{
    thread_local std::uint64_t state = []
    {
        std::uint64_t seed = 0;
        fill_random(&seed, sizeof seed);
        return seed;
    }();
    state += 0x9e3779b97f4a7c15U;
    auto z = state;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
}

std::array<char, 16> to_hex(std::uint64_t number) noexcept
{
    std::array<char, 16> digits{};
    for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit, number >>= 4U)
        *digit = "0123456789abcdef"[number & 0xfU];
    return digits;
}

std::string make_secret()
{
    static constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::array<std::uint8_t, 33> bytes{}; // 32 random ones and a zero, so that the last group of three is whole.
    fill_random(bytes.data(), 32);
    std::string secret;
    secret.reserve(44);
    for (std::size_t i = 0; i < bytes.size(); i += 3)
    {
        unsigned const group = static_cast<unsigned>(bytes[i]) << 16 | static_cast<unsigned>(bytes[i + 1]) << 8 | bytes[i + 2];
        for (int shift = 18; shift >= 0; shift -= 6)
            secret += alphabet[group >> shift & 63];
    }
    secret.pop_back(); // What stands for the zero byte.
    return secret;
}

Sha256 sha256(std::string_view text) noexcept
{
    // One context per thread, and the algorithm looked up once: either costs more than the digest of a key.
    static EVP_MD const* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    struct Context
    {
        EVP_MD_CTX* value = EVP_MD_CTX_new();
        Context() = default;
        Context(Context const&) = delete;
        Context& operator=(Context const&) = delete;
        ~Context() { EVP_MD_CTX_free(value); }
    };
    thread_local Context context;
    Sha256 digest{};
    EVP_DigestInit_ex(context.value, algorithm, nullptr);
    EVP_DigestUpdate(context.value, text.data(), text.size());
    EVP_DigestFinal_ex(context.value, digest.data(), nullptr);
    return digest;
}

std::string to_hex(Sha256 const& digest)
{
    std::string hex;
    hex.reserve(64);
    for (auto byte : digest)
    {
        hex += hex_digits[byte >> 4];
        hex += hex_digits[byte & 15];
    }
    return hex;
}

std::optional<Sha256> sha256_from_hex(std::string_view hex) noexcept
{
    if (hex.size() != 64) return std::nullopt;
    Sha256 digest{};
    for (std::size_t i = 0; i < digest.size(); ++i)
    {
        int const high = hex_value(hex[2 * i]);
        int const low = hex_value(hex[2 * i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        digest[i] = static_cast<std::uint8_t>(high << 4 | low);
    }
    return digest;
}

bool equal_in_constant_time(std::string_view left, std::string_view right) noexcept
{
    return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

} // namespace parley
