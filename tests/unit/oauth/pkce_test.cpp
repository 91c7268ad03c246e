#include "pkce.hpp"

#include <gtest/gtest.h>

namespace parley::oauth
{
namespace
{

TEST(Pkce, makes_the_challenge_of_rfc_7636)
{
    EXPECT_EQ(challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
              "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"); // Appendix B.
}

TEST(Pkce, knows_a_verifier_by_its_form)
{
    EXPECT_TRUE(is_code_verifier(std::string(43, 'a')));
    EXPECT_TRUE(is_code_verifier(std::string(124, 'Z') + "-._~"));
    EXPECT_FALSE(is_code_verifier(std::string(42, 'a')));
    EXPECT_FALSE(is_code_verifier(std::string(129, 'a')));
    EXPECT_FALSE(is_code_verifier(std::string(50, '+')));
    EXPECT_FALSE(is_code_verifier(std::string(50, ' ')));
}

TEST(Pkce, knows_a_challenge_by_its_form)
{
    EXPECT_TRUE(is_code_challenge("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"));
    EXPECT_FALSE(is_code_challenge("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM="));
    EXPECT_FALSE(is_code_challenge("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw.cM"));
    EXPECT_FALSE(is_code_challenge("short"));
}

} // namespace
} // namespace parley::oauth
