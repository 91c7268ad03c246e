#include "jwt.hpp"

#include "base64.hpp"

#include "parley/core/identifier.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/pem.h>

#include <algorithm>
#include <stdexcept>

namespace parley::oauth
{

namespace
{

constexpr int key_bits_min = 2048;

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

std::string number_of(EVP_PKEY const* key, char const* name)
{
    BIGNUM* number = nullptr;
    if (EVP_PKEY_get_bn_param(key, name, &number) != 1) throw std::runtime_error("an RSA key without its numbers");
    std::string bytes(static_cast<std::size_t>(BN_num_bytes(number)), '\0');
    BN_bn2bin(number, reinterpret_cast<unsigned char*>(bytes.data()));
    BN_free(number);
    return to_base64url(bytes);
}

} // namespace

RsaKey::RsaKey(std::shared_ptr<EVP_PKEY> key) : key_(std::move(key))
{
    auto const e = number_of(key_.get(), OSSL_PKEY_PARAM_RSA_E);
    auto const n = number_of(key_.get(), OSSL_PKEY_PARAM_RSA_N);
    // The members that make the key, in the order of their names, without white space (RFC 7638, 3.2).
    auto const digest = sha256("{\"e\":\"" + e + "\",\"kty\":\"RSA\",\"n\":\"" + n + "\"}");
    kid_ = to_base64url({reinterpret_cast<char const*>(digest.data()), digest.size()});
    jwk_ = "{\"alg\":\"RS256\",\"use\":\"sig\",\"kid\":\"" + kid_ + "\",\"e\":\"" + e + "\",\"kty\":\"RSA\",\"n\":\"" + n + "\"}";
}

RsaKey RsaKey::generate(int bits)
{
    std::shared_ptr<EVP_PKEY> key(EVP_RSA_gen(static_cast<unsigned>(std::max(bits, key_bits_min))), EVP_PKEY_free);
    if (!key) throw std::runtime_error("cannot make an RSA key");
    return RsaKey(std::move(key));
}

std::optional<RsaKey> RsaKey::from_pem(std::string_view pem)
{
    Bio const source(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
    // No question for a passphrase on the terminal: an encrypted key is no key here.
    auto const no_passphrase = [](char*, int, int, void*) { return -1; };
    std::shared_ptr<EVP_PKEY> key(PEM_read_bio_PrivateKey(source.get(), nullptr, no_passphrase, nullptr), EVP_PKEY_free);
    if (!key || EVP_PKEY_is_a(key.get(), "RSA") != 1 || EVP_PKEY_get_bits(key.get()) < key_bits_min) return std::nullopt;
    return RsaKey(std::move(key));
}

std::string RsaKey::to_pem() const
{
    Bio const sink(BIO_new(BIO_s_mem()), BIO_free);
    if (PEM_write_bio_PKCS8PrivateKey(sink.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
        throw std::runtime_error("cannot write an RSA key");
    char* text = nullptr;
    auto const size = BIO_get_mem_data(sink.get(), &text);
    return std::string(text, static_cast<std::size_t>(size));
}

std::string RsaKey::sign(std::string_view claims) const
{
    std::string token = to_base64url("{\"typ\":\"JWT\",\"alg\":\"RS256\",\"kid\":\"" + kid_ + "\"}") + "." + to_base64url(claims);
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> const context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(key_.get())), '\0');
    std::size_t size = signature.size();
    auto const* const text = reinterpret_cast<unsigned char const*>(token.data());
    if (EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) != 1 ||
        EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, text, token.size()) != 1)
    {
        throw std::runtime_error("cannot sign a token");
    }
    signature.resize(size);
    return token.append(".").append(to_base64url(signature));
}

std::string at_hash(std::string_view access_token)
{
    auto const digest = sha256(access_token);
    return to_base64url({reinterpret_cast<char const*>(digest.data()), digest.size() / 2});
}

} // namespace parley::oauth
