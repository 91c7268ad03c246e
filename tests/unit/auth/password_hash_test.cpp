#include "parley/auth/password_hash.hpp"

#include <gtest/gtest.h>

#include <string>

namespace parley::auth
{
namespace
{

// "s3cret" as Django writes it, by Python's hashlib.pbkdf2_hmac("sha256", b"s3cret", b"fixedsalt", 1000).
constexpr char django_hash[] = "pbkdf2_sha256$1000$fixedsalt$ZEzbVl7Y11/w7lg4qYPF10wL9+AyevWmH6E9PJJ9yBM=";

TEST(PasswordHash, takes_its_own_password_only)
{
    auto const hash = hash_password("correct horse");
    EXPECT_TRUE(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$")) << hash;
    EXPECT_NE(hash, hash_password("correct horse"));
    EXPECT_EQ(verify_password(hash, "correct horse"), PasswordMatch::match);
    EXPECT_EQ(verify_password(hash, "correct horse "), PasswordMatch::none);
    EXPECT_EQ(verify_password(hash, ""), PasswordMatch::none);
}

TEST(PasswordHash, an_empty_password_has_none)
{
    EXPECT_EQ(hash_password(""), "");
    EXPECT_EQ(verify_password("", ""), PasswordMatch::none);
    EXPECT_EQ(verify_password("", "x"), PasswordMatch::none);
}

TEST(PasswordHash, djangos_hashes_match_and_are_stale)
{
    EXPECT_EQ(verify_password(django_hash, "s3cret"), PasswordMatch::match_but_stale);
    EXPECT_EQ(verify_password(django_hash, "s3cre"), PasswordMatch::none);
    auto const argon2 = "argon2" + hash_password("s3cret");
    EXPECT_NE(verify_password(argon2, "s3cret"), PasswordMatch::none);
    EXPECT_EQ(verify_password(argon2, "other"), PasswordMatch::none);
}

TEST(PasswordHash, what_is_malformed_or_too_dear_matches_nothing)
{
    for (auto const* const hash :
         {"s3cret", "pbkdf2_sha256$", "pbkdf2_sha256$1000$salt$", "pbkdf2_sha256$0$salt$AAAA", "pbkdf2_sha256$x$salt$AAAA",
          "pbkdf2_sha256$999999999$salt$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
          "pbkdf2_sha256$1000$$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "$argon2id$",
          "$argon2id$v=19$m=99999999,t=2,p=1$c2FsdHNhbHQ$AAAA", "$argon2i$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$AAAA", "sha512$$abc"})
        EXPECT_EQ(verify_password(hash, "s3cret"), PasswordMatch::none) << hash;
}

} // namespace
} // namespace parley::auth
