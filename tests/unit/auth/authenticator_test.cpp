#include "unit/auth/map_credential_store.hpp"

#include "parley/auth/authenticator.hpp"
#include "parley/support/run_coro.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace parley::auth
{
namespace
{

using namespace std::chrono_literals;

constexpr std::string_view plain = R"(Bearer realm="api")";
constexpr std::string_view invalid =
    R"(Bearer realm="api",error="invalid_token",error_description="The access token is invalid.")";
constexpr std::string_view expired =
    R"(Bearer realm="api",error="invalid_token",error_description="The access token has expired.")";

CredentialRecord record_of(std::string slug)
{
    CredentialRecord record;
    record.principal.team.slug = std::move(slug);
    record.principal.user_email = "a@example.org";
    return record;
}

// A world of four keys and five tokens.
class AuthenticatorTest : public testing::Test
{
  protected:
    AuthenticatorTest()
    {
        store_.add_key("good-key", record_of("key-team"));
        auto inactive = record_of("key-team");
        inactive.user_is_active = false;
        store_.add_key("inactive-key", inactive);
        auto stranger = record_of("key-team");
        stranger.is_member = false;
        store_.add_key("stranger-key", stranger);
        auto revoked = record_of("key-team");
        revoked.is_revoked = true;
        store_.add_key("revoked-key", revoked);
        auto ending = record_of("key-team");
        ending.expires = clock_.now() + 5s;
        store_.add_key("ending-key", ending);

        store_.add_token("good-token", record_of("token-team"));
        auto over = record_of("token-team");
        over.expires = clock_.now() - 1s;
        store_.add_token("expired-token", over);
        auto gone = record_of("token-team");
        gone.is_revoked = true;
        gone.expires = clock_.now() - 1s;
        store_.add_token("revoked-token", gone);
        store_.add_token("inactive-token", inactive);
        store_.add_token("stranger-token", stranger);
        auto both = stranger;
        both.user_is_active = false;
        store_.add_token("inactive-stranger-token", both);
        store_.add_key("inactive-stranger-key", both);
    }

    using Outcome = boost::system::result<std::shared_ptr<Principal const>, Refusal>;

    Outcome identify(std::vector<http::Field> const& fields)
    {
        http::Request request;
        request.fields = fields;
        return support::run_coro(authenticator_->identify(request, Deadline::never()));
    }

    Outcome with_bearer(std::string_view value) { return identify({{"Authorization", value}}); }
    Outcome with_key(std::string_view value) { return identify({{"X-api-key", value}}); }

    void use(AuthenticatorSettings settings)
    {
        authenticator_ = std::make_unique<Authenticator>(store_, clock_, telemetry_, settings);
    }

    ManualClock clock_{Timestamp(std::chrono::sys_days{std::chrono::year{2026} / 1 / 1})};
    telemetry::Telemetry telemetry_{{.log_level = "off"}};
    MapCredentialStore store_;
    std::unique_ptr<Authenticator> authenticator_ =
        std::make_unique<Authenticator>(store_, clock_, telemetry_, AuthenticatorSettings{});
};

#define EXPECT_IDENTIFIED(outcome, by, team_slug)                                                                                \
    do                                                                                                                           \
    {                                                                                                                            \
        auto const got = outcome;                                                                                                \
        ASSERT_TRUE(got.has_value()) << name_of(got.error().problem.code);                                                       \
        EXPECT_EQ((*got)->scheme, by);                                                                                           \
        EXPECT_EQ((*got)->team.slug, team_slug);                                                                                 \
    } while (false)

#define EXPECT_REFUSED(outcome, why, counted, challenge)                                                                         \
    do                                                                                                                           \
    {                                                                                                                            \
        auto const got = outcome;                                                                                                \
        ASSERT_FALSE(got.has_value());                                                                                           \
        EXPECT_EQ(got.error().problem.code, why) << name_of(got.error().problem.code);                                           \
        EXPECT_EQ(got.error().is_counted, counted);                                                                              \
        EXPECT_EQ(got.error().www_authenticate, challenge);                                                                      \
    } while (false)

TEST_F(AuthenticatorTest, nothing_shown_is_missing_and_not_counted)
{
    EXPECT_REFUSED(identify({}), ProblemCode::credentials_missing, false, plain);
    EXPECT_REFUSED(with_bearer(""), ProblemCode::credentials_missing, false, plain);
    EXPECT_REFUSED(with_key(""), ProblemCode::credentials_missing, false, plain);
    EXPECT_REFUSED(with_key("   "), ProblemCode::credentials_missing, false, plain);
    EXPECT_EQ(store_.key_look_ups + store_.token_look_ups, 0);
}

TEST_F(AuthenticatorTest, another_scheme_is_nothing)
{
    for (auto const* value :
         {"Token good-token", "Api-Key good-key", "Basic Z29vZA==", "good-token", "Bearer", "Bearer ", "BearerX good-token"})
        EXPECT_REFUSED(with_bearer(value), ProblemCode::credentials_missing, false, plain);
    EXPECT_REFUSED(identify({{"X_Api_Key", "good-key"}, {"Cookie", "sessionid=x"}, {"X-Embed-Key", "x"}}),
                   ProblemCode::credentials_missing, false, plain);
}

TEST_F(AuthenticatorTest, a_key_identifies_in_both_places)
{
    EXPECT_IDENTIFIED(with_key("good-key"), Scheme::api_key, "key-team");
    EXPECT_IDENTIFIED(with_key("  good-key "), Scheme::api_key, "key-team");
    EXPECT_IDENTIFIED(identify({{"X-API-KEY", "good-key"}}), Scheme::api_key, "key-team");
    EXPECT_IDENTIFIED(with_bearer("Bearer good-key"), Scheme::bearer_api_key, "key-team");
    EXPECT_IDENTIFIED(with_bearer("bEARER good-key"), Scheme::bearer_api_key, "key-team");
}

TEST_F(AuthenticatorTest, more_than_one_space_goes_only_before_a_token)
{
    EXPECT_IDENTIFIED(with_bearer("Bearer   good-token"), Scheme::access_token, "token-team");
    EXPECT_REFUSED(with_bearer("Bearer  good-key"), ProblemCode::credential_invalid, true, invalid);
}

TEST_F(AuthenticatorTest, a_tab_before_a_guess_does_not_escape_the_count)
{
    EXPECT_REFUSED(with_bearer("Bearer\tguess"), ProblemCode::credential_invalid, true, invalid);
    EXPECT_REFUSED(with_bearer("Bearer\tgood-key"), ProblemCode::credential_invalid, true, invalid);
}

TEST_F(AuthenticatorTest, a_bearer_of_two_words_is_invalid_with_the_plain_challenge)
{
    EXPECT_REFUSED(with_bearer("Bearer good-token extra"), ProblemCode::credential_invalid, true, plain);
    EXPECT_REFUSED(with_bearer("Bearer good-key extra"), ProblemCode::credential_invalid, true, plain);
}

TEST_F(AuthenticatorTest, an_unknown_or_revoked_key_is_invalid_and_counted)
{
    for (auto const* key : {"nope", "revoked-key", "Api-Key good-key", "good-token", "Alph\xc3\xa4RW0.x"})
        EXPECT_REFUSED(with_key(key), ProblemCode::credential_invalid, true, plain);
}

TEST_F(AuthenticatorTest, an_unknown_bearer_is_invalid_and_says_so_in_the_challenge)
{
    EXPECT_REFUSED(with_bearer("Bearer nope"), ProblemCode::credential_invalid, true, invalid);
    EXPECT_REFUSED(with_bearer("Bearer revoked-key"), ProblemCode::credential_invalid, true, invalid);
    EXPECT_REFUSED(with_bearer("Bearer revoked-token"), ProblemCode::credential_invalid, true, invalid);
}

TEST_F(AuthenticatorTest, an_expired_token_says_so_in_the_challenge)
{
    EXPECT_REFUSED(with_bearer("Bearer expired-token"), ProblemCode::token_expired, true, expired);
}

TEST_F(AuthenticatorTest, an_inactive_users_key_is_counted)
{
    EXPECT_REFUSED(with_key("inactive-key"), ProblemCode::user_inactive, true, plain);
    EXPECT_REFUSED(with_bearer("Bearer inactive-key"), ProblemCode::user_inactive, true, invalid);
    EXPECT_REFUSED(with_key("inactive-stranger-key"), ProblemCode::user_inactive, true, plain);
}

TEST_F(AuthenticatorTest, a_strangers_key_is_counted_and_their_token_is_not)
{
    EXPECT_REFUSED(with_key("stranger-key"), ProblemCode::membership_missing, true, plain);
    EXPECT_REFUSED(with_bearer("Bearer stranger-key"), ProblemCode::membership_missing, true, invalid);
    EXPECT_REFUSED(with_bearer("Bearer stranger-token"), ProblemCode::membership_missing, false, plain);
    EXPECT_REFUSED(with_bearer("Bearer inactive-stranger-token"), ProblemCode::membership_missing, false, plain);
}

TEST_F(AuthenticatorTest, an_inactive_users_token_is_forbidden_without_a_challenge)
{
    EXPECT_REFUSED(with_bearer("Bearer inactive-token"), ProblemCode::permission_denied, false, "");
}

TEST_F(AuthenticatorTest, with_both_good_the_token_decides)
{
    EXPECT_IDENTIFIED(identify({{"X-api-key", "good-key"}, {"Authorization", "Bearer good-token"}}), Scheme::access_token,
                      "token-team");
    EXPECT_IDENTIFIED(identify({{"X-api-key", "nope"}, {"Authorization", "Bearer good-token"}}), Scheme::access_token,
                      "token-team");
}

TEST_F(AuthenticatorTest, a_bad_bearer_passes_the_question_to_the_key)
{
    for (auto const* bearer :
         {"Bearer nope", "Bearer expired-token", "Bearer two words", "Bearer stranger-key", "Token x", "Bearer good-key"})
        EXPECT_IDENTIFIED(identify({{"X-api-key", "good-key"}, {"Authorization", bearer}}), Scheme::api_key, "key-team");
}

TEST_F(AuthenticatorTest, what_is_recognised_and_refused_is_final)
{
    EXPECT_REFUSED(identify({{"X-api-key", "nope"}, {"Authorization", "Bearer good-key"}}), ProblemCode::credential_invalid, true,
                   invalid);
    EXPECT_REFUSED(identify({{"X-api-key", "good-key"}, {"Authorization", "Bearer stranger-token"}}),
                   ProblemCode::membership_missing, false, plain);
    EXPECT_REFUSED(identify({{"X-api-key", "good-key"}, {"Authorization", "Bearer inactive-token"}}),
                   ProblemCode::permission_denied, false, "");
    EXPECT_REFUSED(identify({{"X-api-key", "nope"}, {"Authorization", "Bearer expired-token"}}), ProblemCode::credential_invalid,
                   true, expired);
}

TEST_F(AuthenticatorTest, a_look_up_is_believed_for_its_lifetime)
{
    ASSERT_TRUE(with_key("good-key"));
    store_.drop_key("good-key");
    clock_.advance(9'999ms);
    EXPECT_TRUE(with_key("good-key"));
    EXPECT_EQ(store_.key_look_ups, 1);
    clock_.advance(1ms);
    EXPECT_REFUSED(with_key("good-key"), ProblemCode::credential_invalid, true, plain);
}

TEST_F(AuthenticatorTest, not_found_is_believed_too)
{
    EXPECT_FALSE(with_bearer("Bearer nope"));
    EXPECT_FALSE(with_bearer("Bearer nope"));
    EXPECT_EQ(store_.key_look_ups, 1);
    EXPECT_EQ(store_.token_look_ups, 1);
}

TEST_F(AuthenticatorTest, a_cached_key_still_ends_on_time)
{
    ASSERT_TRUE(with_key("ending-key"));
    clock_.advance(4'999ms);
    EXPECT_TRUE(with_key("ending-key"));
    clock_.advance(1ms);
    EXPECT_REFUSED(with_key("ending-key"), ProblemCode::credential_invalid, true, plain);
    EXPECT_EQ(store_.key_look_ups, 1);
}

TEST_F(AuthenticatorTest, a_clock_set_back_does_not_prolong_a_look_up)
{
    ASSERT_TRUE(with_key("good-key"));
    clock_.advance(-1h);
    ASSERT_TRUE(with_key("good-key"));
    EXPECT_EQ(store_.key_look_ups, 2);
}

TEST_F(AuthenticatorTest, forgetting_is_at_once)
{
    ASSERT_TRUE(with_key("good-key"));
    store_.drop_key("good-key");
    authenticator_->forget();
    EXPECT_FALSE(with_key("good-key"));
}

TEST_F(AuthenticatorTest, an_answer_that_was_under_way_while_forgetting_is_not_kept)
{
    store_.during_look_up = [](void* authenticator) { static_cast<Authenticator*>(authenticator)->forget(); };
    store_.during_look_up_with = authenticator_.get();
    ASSERT_TRUE(with_key("good-key"));
    store_.during_look_up = nullptr;
    store_.drop_key("good-key");
    EXPECT_FALSE(with_key("good-key"));
}

TEST_F(AuthenticatorTest, the_cache_is_bounded_and_the_oldest_go_first)
{
    use({.cache_entries_max = 2});
    EXPECT_TRUE(with_key("good-key"));
    EXPECT_FALSE(with_key("nope-1"));
    EXPECT_FALSE(with_key("nope-2"));
    EXPECT_EQ(store_.key_look_ups, 3);
    EXPECT_FALSE(with_key("nope-2"));
    EXPECT_FALSE(with_key("nope-1"));
    EXPECT_EQ(store_.key_look_ups, 3);
    EXPECT_TRUE(with_key("good-key"));
    EXPECT_EQ(store_.key_look_ups, 4);
}

TEST_F(AuthenticatorTest, a_lifetime_of_zero_turns_the_cache_off)
{
    use({.cache_lifetime = 0ms});
    EXPECT_TRUE(with_key("good-key"));
    EXPECT_TRUE(with_key("good-key"));
    EXPECT_EQ(store_.key_look_ups, 2);
}

TEST_F(AuthenticatorTest, each_thread_has_a_cache_of_its_own)
{
    EXPECT_TRUE(with_key("good-key"));
    std::thread([this] { EXPECT_TRUE(with_key("good-key")); }).join();
    EXPECT_EQ(store_.key_look_ups, 2);
}

TEST_F(AuthenticatorTest, one_authenticators_cache_is_not_anothers)
{
    EXPECT_TRUE(with_key("good-key"));
    use({});
    store_.drop_key("good-key");
    EXPECT_FALSE(with_key("good-key"));
}

TEST_F(AuthenticatorTest, a_problem_of_the_store_is_answered_uncounted_and_not_kept)
{
    store_.problem = Problem{.code = ProblemCode::store_unavailable, .retry_after = 7};
    auto const outcome = with_bearer("Bearer good-token");
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().problem, *store_.problem);
    EXPECT_FALSE(outcome.error().is_counted);
    EXPECT_EQ(outcome.error().www_authenticate, "");
    EXPECT_REFUSED(with_key("good-key"), ProblemCode::store_unavailable, false, "");
    store_.problem.reset();
    EXPECT_TRUE(with_bearer("Bearer good-token"));
}

TEST_F(AuthenticatorTest, a_key_in_use_that_ends_within_a_week_is_noticed_when_it_is_looked_up)
{
    auto later = record_of("key-team");
    later.expires = clock_.now() + 8 * 24h;
    store_.add_key("later-key", later);
    auto token = record_of("token-team");
    token.expires = clock_.now() + 1h;
    store_.add_token("hour-token", token);

    (void)with_key("later-key");
    (void)with_key("good-key");
    (void)with_bearer("Bearer hour-token");
    EXPECT_EQ(telemetry_.expose().find("parley_auth_keys_near_expiry_total{"), std::string::npos);
    (void)with_key("ending-key");
    (void)with_key("ending-key"); // From the cache.
    EXPECT_NE(telemetry_.expose().find("parley_auth_keys_near_expiry_total{scheme=\"api_key\"} 1\n"), std::string::npos);
}

TEST_F(AuthenticatorTest, the_outcome_is_counted_by_scheme)
{
    (void)with_key("good-key");
    (void)with_key("good-key");
    (void)with_bearer("Bearer expired-token");
    (void)identify({});
    auto const text = telemetry_.expose();
    EXPECT_NE(text.find(R"(parley_auth_credentials_total{outcome="ok",scheme="api_key",source="store"} 1)"), std::string::npos)
        << text;
    EXPECT_NE(text.find(R"(parley_auth_credentials_total{outcome="ok",scheme="api_key",source="cache"} 1)"), std::string::npos);
    EXPECT_NE(text.find(R"(parley_auth_credentials_total{outcome="token_expired",scheme="bearer_api_key",source="store"} 1)"),
              std::string::npos);
    EXPECT_NE(text.find(R"(parley_auth_credentials_total{outcome="credentials_missing",scheme="none",source="store"} 1)"),
              std::string::npos);
}

} // namespace
} // namespace parley::auth
