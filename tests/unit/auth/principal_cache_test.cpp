#include "principal_cache.hpp"

#include <gtest/gtest.h>

namespace parley::auth
{
namespace
{

using namespace std::chrono_literals;

class PrincipalCacheTest : public testing::Test
{
  protected:
    static CacheKey key(std::string_view secret, Scheme scheme = Scheme::api_key) { return {scheme, sha256(secret)}; }
    static KnownCredential known() { return {.principal = std::make_shared<Principal const>()}; }

    Timestamp const now_{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}};
    PrincipalCache cache_{10s, 3};
};

TEST_F(PrincipalCacheTest, what_is_kept_is_found)
{
    EXPECT_EQ(cache_.find(key("a"), now_, 1), nullptr);
    cache_.keep(key("a"), known(), now_, 1);
    ASSERT_NE(cache_.find(key("a"), now_, 1), nullptr);
    EXPECT_NE(cache_.find(key("a"), now_, 1)->principal, nullptr);
    EXPECT_EQ(cache_.find(key("b"), now_, 1), nullptr);
}

TEST_F(PrincipalCacheTest, the_same_secret_under_another_scheme_is_another_entry)
{
    (void)cache_.find(key("a"), now_, 1);
    cache_.keep(key("a"), known(), now_, 1);
    EXPECT_EQ(cache_.find(key("a", Scheme::access_token), now_, 1), nullptr);
}

TEST_F(PrincipalCacheTest, a_new_generation_forgets_everything)
{
    (void)cache_.find(key("a"), now_, 1);
    cache_.keep(key("a"), known(), now_, 1);
    cache_.keep(key("b"), known(), now_, 1);
    EXPECT_EQ(cache_.find(key("a"), now_, 2), nullptr);
    EXPECT_EQ(cache_.size(), 0U);
}

TEST_F(PrincipalCacheTest, an_answer_to_a_question_of_an_older_generation_is_not_kept)
{
    (void)cache_.find(key("a"), now_, 1);    // Asked in generation 1 ...
    (void)cache_.find(key("b"), now_, 2);    // ... while somebody revoked it and another request came by ...
    cache_.keep(key("a"), known(), now_, 1); // ... before the answer.
    EXPECT_EQ(cache_.find(key("a"), now_, 2), nullptr);
}

TEST_F(PrincipalCacheTest, keeping_again_replaces_and_makes_young)
{
    (void)cache_.find(key("a"), now_, 1);
    for (auto const* secret : {"a", "b", "c"})
        cache_.keep(key(secret), known(), now_, 1);
    cache_.keep(key("a"), {}, now_, 1);
    EXPECT_EQ(cache_.size(), 3U);
    EXPECT_EQ(cache_.find(key("a"), now_, 1)->principal, nullptr);
    cache_.keep(key("d"), known(), now_, 1);
    EXPECT_EQ(cache_.size(), 3U);
    EXPECT_EQ(cache_.find(key("b"), now_, 1), nullptr) << "the oldest goes first";
    EXPECT_NE(cache_.find(key("a"), now_, 1), nullptr);
}

TEST_F(PrincipalCacheTest, an_entry_that_is_too_old_is_gone)
{
    (void)cache_.find(key("a"), now_, 1);
    cache_.keep(key("a"), known(), now_, 1);
    EXPECT_NE(cache_.find(key("a"), now_ + 9s, 1), nullptr);
    EXPECT_EQ(cache_.find(key("a"), now_ + 10s, 1), nullptr);
    EXPECT_EQ(cache_.size(), 0U);
}

} // namespace
} // namespace parley::auth
