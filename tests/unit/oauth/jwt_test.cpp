#include "base64.hpp"
#include "jwt.hpp"

#include <gtest/gtest.h>

#include <openssl/evp.h>
#include <openssl/pem.h>

#include <memory>

namespace parley::oauth
{
namespace
{

TEST(Base64, is_strict)
{
    EXPECT_EQ(to_base64url(std::string_view("\xFB\xFF\x00", 3)), "-_8A");
    EXPECT_EQ(to_base64url("a"), "YQ");
    EXPECT_EQ(from_base64("YTpi"), "a:b");
    EXPECT_EQ(from_base64("YQ=="), "a");
    EXPECT_EQ(from_base64url("YQ"), "a");
    for (auto const* const text : {"YQ", "YQ=", "YQ===", "Y Q=", "YR==", "-_8A", "Y=Q="})
        EXPECT_FALSE(from_base64(text)) << text;
}

// Whether the signature is right, told by OpenSSL alone.
bool is_signed_by(std::string const& pem, std::string_view text, std::string_view signature)
{
    std::unique_ptr<BIO, decltype(&BIO_free)> const source(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
    std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> const key(
        PEM_read_bio_PrivateKey(source.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> const context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get());
    auto const bytes = [](std::string_view one) { return reinterpret_cast<unsigned char const*>(one.data()); };
    return EVP_DigestVerify(context.get(), bytes(signature), signature.size(), bytes(text), text.size()) == 1;
}

TEST(RsaKey, survives_pem_and_signs_what_its_public_half_checks)
{
    auto const made = RsaKey::generate();
    auto const key = RsaKey::from_pem(made.to_pem());
    ASSERT_TRUE(key);
    EXPECT_EQ(key->kid(), made.kid());
    EXPECT_EQ(key->kid().size(), 43U);
    EXPECT_NE(key->jwk().find("\"kid\":\"" + key->kid() + "\""), std::string::npos);
    EXPECT_EQ(key->jwk().find("\"d\""), std::string::npos);

    auto const token = key->sign("{\"sub\":\"x\"}");
    auto const dot = token.rfind('.');
    auto const signature = from_base64url(token.substr(dot + 1));
    ASSERT_TRUE(signature);
    EXPECT_EQ(from_base64url(token.substr(0, token.find('.'))),
              "{\"typ\":\"JWT\",\"alg\":\"RS256\",\"kid\":\"" + key->kid() + "\"}");
    EXPECT_EQ(from_base64url(token.substr(token.find('.') + 1, dot - token.find('.') - 1)), "{\"sub\":\"x\"}");
    EXPECT_TRUE(is_signed_by(made.to_pem(), token.substr(0, dot), *signature));
    EXPECT_FALSE(is_signed_by(made.to_pem(), token.substr(0, dot - 1), *signature));
    EXPECT_FALSE(is_signed_by(RsaKey::generate().to_pem(), token.substr(0, dot), *signature));
}

TEST(RsaKey, is_not_made_of_anything_else)
{
    EXPECT_FALSE(RsaKey::from_pem(""));
    EXPECT_FALSE(RsaKey::from_pem("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"));
}

TEST(AtHash, is_the_left_half_of_the_digest)
{
    EXPECT_EQ(at_hash("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"),
              "77QmUPtjPfzWtF2AnpK9RQ"); // An example of OpenID Connect's authors.
}

} // namespace
} // namespace parley::oauth
