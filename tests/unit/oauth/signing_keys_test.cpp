#include "oauth_bench.hpp"

#include "base64.hpp"

namespace parley::oauth
{
namespace
{

class SigningKeysTest : public OAuthBench
{
  protected:
    std::string key_set()
    {
        auto set = support::run_coro(keys.key_set(Deadline::never()));
        return set ? *set : std::string();
    }

    std::string signer()
    {
        auto token = support::run_coro(keys.sign("{}", Deadline::never()));
        if (!token) return std::string(name_of(token.error().code));
        auto const head = from_base64url(token->substr(0, token->find('.'))).value_or("{}");
        auto const document = json::Document::parse(head);
        return std::string(document->root().find("kid")->text());
    }

    void rotate()
    {
        store.keys.push_back(make_signing_key(clock.now()));
        keys.forget();
    }
};

TEST_F(SigningKeysTest, the_first_key_is_made_when_it_is_needed_and_signs_at_once)
{
    EXPECT_EQ(get("/.well-known/jwks.json").status, 200);
    ASSERT_EQ(store.keys.size(), 1U);
    EXPECT_EQ(signer(), store.keys.front().kid);
    EXPECT_NE(key_set().find(store.keys.front().kid), std::string::npos);
    EXPECT_EQ(store.keys.size(), 1U);
}

TEST_F(SigningKeysTest, a_new_key_is_published_before_it_signs)
{
    auto const first = signer();
    clock.advance(std::chrono::hours(1));
    rotate();
    auto const second = store.keys.back().kid;
    EXPECT_NE(key_set().find(second), std::string::npos);
    EXPECT_EQ(signer(), first);
    clock.advance(std::chrono::minutes(15));
    EXPECT_EQ(signer(), second);
    EXPECT_NE(key_set().find(first), std::string::npos) << "tokens that the old key signed are still out there";
    store.keys.erase(store.keys.begin());
    keys.forget();
    EXPECT_EQ(key_set().find(first), std::string::npos);
    EXPECT_EQ(signer(), second);
}

TEST_F(SigningKeysTest, a_retired_key_signs_no_more_and_is_published_until_its_last_token_has_expired)
{
    auto const first = signer();
    clock.advance(std::chrono::hours(1));
    rotate();
    auto const second = store.keys.back().kid;
    clock.advance(std::chrono::minutes(15));
    store.keys.front().retired_at = clock.now();
    keys.forget();
    EXPECT_EQ(signer(), second);
    clock.advance(std::chrono::hours(24));
    EXPECT_NE(key_set().find(first), std::string::npos) << "its last token may expire now";
    clock.advance(std::chrono::minutes(5));
    EXPECT_EQ(key_set().find(first), std::string::npos);
    EXPECT_NE(key_set().find(second), std::string::npos);
}

TEST_F(SigningKeysTest, a_key_that_was_just_added_signs_when_all_before_it_are_retired)
{
    auto const first = signer();
    store.keys.front().retired_at = clock.now();
    rotate();
    EXPECT_EQ(signer(), store.keys.back().kid);
    EXPECT_NE(key_set().find(first), std::string::npos);
    store.keys.back().retired_at = clock.now();
    keys.forget();
    signer();
    ASSERT_EQ(store.keys.size(), 3U) << "with none left, one is made";
    EXPECT_EQ(signer(), store.keys.back().kid);
}

TEST_F(SigningKeysTest, a_key_from_elsewhere_is_taken_when_it_is_rsa_and_long_enough)
{
    auto const made = make_signing_key(clock.now(), 3072);
    auto const read = read_signing_key(made.private_pem, clock.now());
    ASSERT_TRUE(read);
    EXPECT_EQ(read->kid, made.kid);
    EXPECT_FALSE(read_signing_key("no key", clock.now()));
    EXPECT_FALSE(read_signing_key("", clock.now()));
}

TEST_F(SigningKeysTest, keys_are_used_on_while_the_store_is_away)
{
    EXPECT_EQ(signer().size(), 43U);
    store.failure = Problem{ProblemCode::store_unavailable};
    keys.forget();
    EXPECT_EQ(signer().size(), 43U);
    SigningKeys never_loaded(store, workers, clock, {});
    EXPECT_FALSE(support::run_coro(never_loaded.key_set(Deadline::never())));
}

TEST_F(SigningKeysTest, no_private_half_is_published)
{
    auto const response = get("/.well-known/jwks.json");
    for (auto const* const member : {"\"d\"", "\"p\"", "\"q\"", "PRIVATE"})
        EXPECT_EQ(response.body.find(member), std::string::npos) << member;
}

} // namespace
} // namespace parley::oauth
