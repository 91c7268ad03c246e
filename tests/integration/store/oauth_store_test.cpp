// The authorization server's port on a real PostgreSQL: that of many who redeem the same thing at once one succeeds, on whichever
// replica, and that what is revoked stays dead.
#include "parley/store/migrate.hpp"
#include "parley/store/store.hpp"

#include "parley/support/postgres_server.hpp"
#include "parley/support/run_coro.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <future>
#include <string>
#include <thread>
#include <vector>

namespace parley::store
{
namespace
{

namespace asio = boost::asio;
using oauth::Exchange;

constexpr Timestamp start{std::chrono::seconds(1'800'000'000)};
constexpr std::chrono::hours hour{1};

class OAuthStoreTest : public testing::Test
{
  protected:
    static void SetUpTestSuite()
    {
        url_ = support::new_database();
        migrate(url_, SystemClock());
        support::execute_sql(url_, R"(
            insert into team (id, slug, name, created_at) values (10, 'alpha', 'Alpha', now()), (20, 'beta', 'Beta', now());
            insert into app_user (id, email, first_name, last_name, email_verified, password_hash, created_at)
            values (1, 'Owner@alpha.example', 'Olive', 'Owner', true, 'hash', now()), (2, 'left@alpha.example', '', '', false, '', now());
            insert into membership (team_id, user_id, roles) values (10, 1, '{}'), (20, 1, '{}');
            insert into oauth_application (id, client_id, client_secret_hash, client_type, grant_type, team_id, redirect_uris, name, created_at)
            values (1, 'public', '', 'public', 'authorization-code', 10, '{https://a/,"https://b/?x={1,2}"}', 'Public', now()),
                   (2, 'machine', 'old', 'confidential', 'client-credentials', 10, '{}', 'Machine', now());
            insert into oauth_setting (name, value) values ('scopes_machine_allowed', '{sessions:read,usage:read}'))");
    }

    // Two replicas.
    OAuthStoreTest() : first_(settings(), clock_, telemetry_), second_(settings(), clock_, telemetry_)
    {
        EXPECT_TRUE(first_.wait_until_up(std::chrono::seconds(10)));
        EXPECT_TRUE(second_.wait_until_up(std::chrono::seconds(10)));
    }

    static StoreSettings settings() { return {.database_url = url_, .lanes = 3}; }
    static Deadline soon() { return Deadline::after(std::chrono::seconds(20)); }
    static Sha256 fresh() { return sha256(make_secret()); }

    oauth::OAuthStore& store() { return first_.oauth(); }

    template <class T>
    static T done(asio::awaitable<Result<T>> coroutine)
    {
        auto answer = support::run_coro(std::move(coroutine), std::chrono::seconds(20));
        EXPECT_TRUE(answer) << (answer ? "" : name_of(answer.error().code));
        if constexpr (std::is_void_v<T>)
            return;
        else
            return answer ? std::move(*answer) : T{};
    }

    Sha256 save_code(std::string scope = "sessions:read", std::int64_t user = 1)
    {
        auto const code = fresh();
        done(store().save_grant(code,
                                {.application_id = 1,
                                 .user_id = user,
                                 .team_id = 10,
                                 .scope = std::move(scope),
                                 .redirect_uri = "https://a/",
                                 .code_challenge = "challenge",
                                 .code_challenge_method = "S256",
                                 .nonce = "n",
                                 .auth_time = start - hour,
                                 .expires = start + hour},
                                start, soon()));
        return code;
    }

    static oauth::NewTokens new_tokens(Sha256 const& access, Sha256 const& refresh)
    {
        return {.access = access,
                .refresh = refresh,
                .scope = "sessions:read",
                .refresh_scope = "sessions:read",
                .access_expires = start + hour};
    }

    static oauth::CodeDecision give(Sha256 access, Sha256 refresh)
    {
        return [=](oauth::Grant const&, oauth::Standing const&) { return std::optional(new_tokens(access, refresh)); };
    }
    static oauth::RefreshDecision give_again(Sha256 access, Sha256 refresh)
    {
        return [=](oauth::RefreshGrant const&, oauth::Standing const&) { return std::optional(new_tokens(access, refresh)); };
    }

    bool is_live(Sha256 const& access) { return done(store().find_access_token(access, soon())).has_value(); }

    static inline std::string url_;
    SystemClock clock_;
    telemetry::Telemetry telemetry_{{.log_level = "off"}};
    asio::io_context context_; // Outlives the stores, which post their answers here.
    Store first_;
    Store second_;
};

TEST_F(OAuthStoreTest, applications_are_found_with_all_that_is_known_of_them)
{
    auto const found = done(store().find_application("public", soon()));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->client_id, "public");
    EXPECT_EQ(found->type, oauth::ClientType::public_);
    EXPECT_EQ(found->team->slug, "alpha");
    EXPECT_EQ(found->redirect_uris, (std::vector<std::string>{"https://a/", "https://b/?x={1,2}"}));
    EXPECT_FALSE(found->allowed_scopes);
    EXPECT_FALSE(found->is_resource_server);
    EXPECT_EQ(found->machine_scopes, (std::vector<std::string>{"sessions:read", "usage:read"}));
    EXPECT_EQ(done(store().find_application("machine", soon()))->grant, oauth::ClientGrant::client_credentials);
    EXPECT_FALSE(done(store().find_application("Public", soon())));
    EXPECT_FALSE(done(store().find_application(std::string("pub\0lic", 7), soon())));
    EXPECT_FALSE(done(store().find_application("'; drop table team; --", soon())));
}

TEST_F(OAuthStoreTest, users_are_found_in_any_case_and_hashes_are_replaced_once)
{
    auto const found = done(store().find_user("oWNER@ALPHA.example", soon()));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->user.email, "Owner@alpha.example");
    EXPECT_EQ(found->user.full_name, "Olive Owner");
    EXPECT_TRUE(found->user.email_verified);
    done(store().replace_password_hash(1, "another", "stolen", soon()));
    EXPECT_EQ(done(store().find_user("owner@alpha.example", soon()))->password_hash, "hash");
    done(store().replace_password_hash(1, "hash", "hash", soon()));
    done(store().replace_secret_hash(2, "old", "new", soon()));
    EXPECT_EQ(done(store().find_application("machine", soon()))->secret_hash, "new");
    EXPECT_FALSE(done(store().find_user("nobody@alpha.example", soon())));
}

TEST_F(OAuthStoreTest, a_sign_in_lives_until_it_ends)
{
    auto const cookie = fresh();
    done(store().create_browser_session(cookie, 1, std::nullopt, start, soon()));
    auto const session = done(second_.oauth().find_browser_session(cookie, soon()));
    ASSERT_TRUE(session);
    EXPECT_EQ(session->user.id, 1);
    EXPECT_EQ(session->user.last_login, start);
    EXPECT_EQ(session->authenticated_at, start);
    ASSERT_EQ(session->teams.size(), 2U);
    EXPECT_EQ(session->teams.front().slug, "alpha");
    done(store().touch_browser_session(cookie, start + hour, soon()));
    EXPECT_EQ(done(store().find_browser_session(cookie, soon()))->last_seen_at, start + hour);

    auto const renewed = fresh();
    done(store().create_browser_session(renewed, 1, cookie, start, soon()));
    EXPECT_FALSE(done(store().find_browser_session(cookie, soon())));
    done(store().end_browser_session(renewed, soon()));
    EXPECT_FALSE(done(store().find_browser_session(renewed, soon())));
}

TEST_F(OAuthStoreTest, a_consent_grows_with_what_is_allowed)
{
    save_code("sessions:read");
    save_code("openid sessions:read");
    auto const consents = done(store().list_consents(1, 1, soon()));
    ASSERT_EQ(consents.size(), 1U);
    EXPECT_EQ(consents.front().team_id, 10);
    auto const& scopes = consents.front().scopes;
    EXPECT_EQ(std::count(scopes.begin(), scopes.end(), "sessions:read"), 1);
    EXPECT_EQ(std::count(scopes.begin(), scopes.end(), "openid"), 1);
    EXPECT_TRUE(done(store().list_consents(1, 2, soon())).empty());
}

TEST_F(OAuthStoreTest, a_code_stands_for_what_was_granted)
{
    auto const code = save_code();
    EXPECT_TRUE(done(store().has_grant(code, 1, start, soon())));
    EXPECT_FALSE(done(store().has_grant(code, 2, start, soon())));
    EXPECT_FALSE(done(store().has_grant(code, 1, start + hour, soon())));
    auto const access = fresh();
    EXPECT_EQ(done(store().exchange_code(code, 2, give(access, fresh()), start, soon())).outcome, Exchange::unknown);
    auto const exchange = done(store().exchange_code(code, 1, give(access, fresh()), start, soon()));
    EXPECT_EQ(exchange.outcome, Exchange::issued);
    EXPECT_EQ(exchange.grant.nonce, "n");
    EXPECT_EQ(exchange.grant.auth_time, start - hour);
    EXPECT_EQ(exchange.grant.expires, start + hour);
    EXPECT_EQ(exchange.standing.user->email, "Owner@alpha.example");
    EXPECT_TRUE(exchange.standing.is_live());
    EXPECT_FALSE(done(store().has_grant(code, 1, start, soon())));
    auto const token = done(store().find_access_token(access, soon()));
    ASSERT_TRUE(token);
    EXPECT_EQ(token->client_id, "public");
    EXPECT_EQ(token->standing.team->slug, "alpha");
    EXPECT_TRUE(token->standing.is_live());
}

TEST_F(OAuthStoreTest, a_refused_code_is_burnt_and_a_refused_refresh_token_is_not)
{
    auto const code = save_code();
    oauth::CodeDecision const refuse = [](oauth::Grant const&, oauth::Standing const&)
    { return std::optional<oauth::NewTokens>(); };
    EXPECT_EQ(done(store().exchange_code(code, 1, refuse, start, soon())).outcome, Exchange::refused);
    EXPECT_EQ(done(store().exchange_code(code, 1, give(fresh(), fresh()), start, soon())).outcome, Exchange::reused);

    auto const refresh = fresh();
    done(store().exchange_code(save_code(), 1, give(fresh(), refresh), start, soon()));
    oauth::RefreshDecision const refuse_again = [](oauth::RefreshGrant const&, oauth::Standing const&)
    { return std::optional<oauth::NewTokens>(); };
    EXPECT_EQ(done(store().exchange_refresh_token(refresh, 1, refuse_again, start, soon())).outcome, Exchange::refused);
    EXPECT_EQ(done(store().exchange_refresh_token(refresh, 1, give_again(fresh(), fresh()), start, soon())).outcome,
              Exchange::issued);
}

TEST_F(OAuthStoreTest, who_left_the_team_is_no_member)
{
    auto const exchange = done(store().exchange_code(save_code("sessions:read", 2), 1, give(fresh(), fresh()), start, soon()));
    EXPECT_FALSE(exchange.standing.is_live());
}

TEST_F(OAuthStoreTest, a_second_use_of_a_code_kills_all_that_came_from_it)
{
    auto const code = save_code();
    auto const access = fresh();
    auto const refresh = fresh();
    auto const later_access = fresh();
    auto const later_refresh = fresh();
    done(store().exchange_code(code, 1, give(access, refresh), start, soon()));
    EXPECT_EQ(done(store().exchange_refresh_token(refresh, 1, give_again(later_access, later_refresh), start, soon())).outcome,
              Exchange::issued);
    EXPECT_FALSE(is_live(access));
    EXPECT_TRUE(is_live(later_access));
    EXPECT_EQ(done(second_.oauth().exchange_code(code, 1, give(fresh(), fresh()), start, soon())).outcome, Exchange::reused);
    EXPECT_FALSE(is_live(later_access));
    EXPECT_EQ(done(store().exchange_refresh_token(later_refresh, 1, give_again(fresh(), fresh()), start, soon())).outcome,
              Exchange::reused);
}

TEST_F(OAuthStoreTest, a_loaded_refresh_token_without_family_founds_one)
{
    auto const refresh = fresh();
    support::execute_sql(
        url_, "insert into oauth_refresh_token (token_sha256, application_id, user_id, team_id, scope, created_at) values ('\\x" +
                  to_hex(refresh) + "', 1, 1, 10, 'sessions:read', now())");
    auto const access = fresh();
    EXPECT_EQ(done(store().exchange_refresh_token(refresh, 1, give_again(access, fresh()), start, soon())).outcome,
              Exchange::issued);
    EXPECT_EQ(done(store().exchange_refresh_token(refresh, 1, give_again(fresh(), fresh()), start, soon())).outcome,
              Exchange::reused);
    EXPECT_FALSE(is_live(access));
}

TEST_F(OAuthStoreTest, revoking_takes_only_ones_own)
{
    auto const access = fresh();
    auto const refresh = fresh();
    done(store().exchange_code(save_code(), 1, give(access, refresh), start, soon()));
    EXPECT_FALSE(done(store().revoke_token(access, 2, start, soon())));
    EXPECT_FALSE(done(store().revoke_token(refresh, 2, start, soon())));
    EXPECT_TRUE(is_live(access));
    EXPECT_TRUE(done(store().revoke_token(refresh, 1, start, soon())));
    EXPECT_FALSE(is_live(access));
    EXPECT_FALSE(done(store().revoke_token(refresh, 1, start, soon())));

    auto const other = fresh();
    auto const other_refresh = fresh();
    done(store().exchange_code(save_code(), 1, give(other, other_refresh), start, soon()));
    EXPECT_TRUE(done(store().revoke_token(other, 1, start, soon())));
    EXPECT_FALSE(is_live(other));
    EXPECT_EQ(done(store().exchange_refresh_token(other_refresh, 1, give_again(fresh(), fresh()), start, soon())).outcome,
              Exchange::issued);
}

TEST_F(OAuthStoreTest, machines_get_tokens_without_a_user)
{
    auto const access = fresh();
    done(store().save_machine_token(access, 2, 10, "sessions:read", start + hour, start, soon()));
    auto const token = done(store().find_access_token(access, soon()));
    ASSERT_TRUE(token);
    EXPECT_FALSE(token->standing.user);
    EXPECT_TRUE(token->standing.is_live());
    EXPECT_EQ(token->expires, start + hour);
    auto const known = support::run_coro(first_.credentials().find_access_token(access, soon()));
    ASSERT_TRUE(known && *known) << "the API takes it";
    EXPECT_TRUE((*known)->principal.has_read_scope);
}

TEST_F(OAuthStoreTest, of_several_first_keys_one_is_kept)
{
    support::execute_sql(url_, "delete from oauth_signing_key");
    EXPECT_TRUE(done(store().list_signing_keys(soon())).empty());
    auto const one = done(store().add_first_signing_key({.kid = "one", .private_pem = "pem", .created_at = start}, soon()));
    auto const two =
        done(second_.oauth().add_first_signing_key({.kid = "two", .private_pem = "pem", .created_at = start}, soon()));
    ASSERT_EQ(one.size(), 1U);
    ASSERT_EQ(two.size(), 1U);
    EXPECT_EQ(two.front().kid, "one");
    EXPECT_EQ(two.front().created_at, start);
}

TEST_F(OAuthStoreTest, what_is_of_no_use_any_more_goes_in_portions)
{
    support::execute_sql(
        url_,
        "delete from oauth_access_token; delete from oauth_grant; delete from oauth_refresh_token; delete from browser_session");
    auto const access = fresh();
    done(store().exchange_code(save_code(), 1, give(access, fresh()), start, soon()));
    auto const cookie = fresh();
    done(store().create_browser_session(cookie, 1, std::nullopt, start, soon()));
    for (int i = 0; i < 5; ++i)
        done(store().save_machine_token(fresh(), 2, 10, "sessions:read", start - 3 * hour, start, soon()));
    oauth::Expiry expiry{.now = start,
                         .refresh_tokens_before = start - hour,
                         .sessions_unused_since = start - hour,
                         .sessions_before = start - hour,
                         .rows_max = 3};
    EXPECT_EQ(done(store().remove_expired(expiry, soon())), 3);
    EXPECT_EQ(done(store().remove_expired(expiry, soon())), 2);
    EXPECT_EQ(done(store().remove_expired(expiry, soon())), 0);
    EXPECT_TRUE(is_live(access));
    expiry = {.now = start + 100 * hour,
              .refresh_tokens_before = start + hour,
              .sessions_unused_since = start + hour,
              .sessions_before = start + hour};
    EXPECT_EQ(done(store().remove_expired(expiry, soon())), 4);
    EXPECT_FALSE(is_live(access));
}

// ---- Races: 64 callers at once over two replicas, many rounds.

constexpr int callers = 64;
constexpr int rounds = 12;

// What each of the callers got, when all are let go together.
template <class Start>
std::vector<Exchange> all_at_once(asio::io_context& context, Start&& begin)
{
    context.restart();
    std::vector<Exchange> outcomes;
    for (int i = 0; i < callers; ++i)
        begin(context, i, outcomes);
    context.run_for(std::chrono::seconds(30));
    return outcomes;
}

asio::awaitable<void> try_code(oauth::OAuthStore& store, Sha256 code, oauth::CodeDecision decide, Deadline deadline,
                               std::vector<Exchange>& outcomes)
{
    auto const exchange = co_await store.exchange_code(code, 1, std::move(decide), start, deadline);
    outcomes.push_back(exchange ? exchange->outcome : Exchange::unknown);
}

asio::awaitable<void> try_refresh(oauth::OAuthStore& store, Sha256 token, oauth::RefreshDecision decide, Deadline deadline,
                                  std::vector<Exchange>& outcomes)
{
    auto const exchange = co_await store.exchange_refresh_token(token, 1, std::move(decide), start, deadline);
    outcomes.push_back(exchange ? exchange->outcome : Exchange::unknown);
}

TEST_F(OAuthStoreTest, one_code_gives_exactly_one_success)
{
    for (int round = 0; round < rounds; ++round)
    {
        auto const code = save_code();
        std::vector<Sha256> tokens(callers);
        auto const outcomes = all_at_once(
            context_,
            [&](asio::io_context& context, int i, std::vector<Exchange>& answers)
            {
                tokens[static_cast<std::size_t>(i)] = fresh();
                auto& replica = i % 2 == 0 ? first_.oauth() : second_.oauth();
                asio::co_spawn(context,
                               try_code(replica, code, give(tokens[static_cast<std::size_t>(i)], fresh()), soon(), answers),
                               asio::use_future);
            });
        ASSERT_EQ(outcomes.size(), static_cast<std::size_t>(callers));
        EXPECT_EQ(std::count(outcomes.begin(), outcomes.end(), Exchange::issued), 1);
        EXPECT_EQ(std::count(outcomes.begin(), outcomes.end(), Exchange::reused), callers - 1);
        for (auto const& token : tokens)
            EXPECT_FALSE(is_live(token)) << "redeemed twice: revoked";
    }
}

TEST_F(OAuthStoreTest, one_refresh_token_gives_exactly_one_success)
{
    for (int round = 0; round < rounds; ++round)
    {
        auto const refresh = fresh();
        done(store().exchange_code(save_code(), 1, give(fresh(), refresh), start, soon()));
        std::vector<Sha256> tokens(callers);
        auto const outcomes =
            all_at_once(context_,
                        [&](asio::io_context& context, int i, std::vector<Exchange>& answers)
                        {
                            tokens[static_cast<std::size_t>(i)] = fresh();
                            auto& replica = i % 2 == 0 ? first_.oauth() : second_.oauth();
                            asio::co_spawn(context,
                                           try_refresh(replica, refresh, give_again(tokens[static_cast<std::size_t>(i)], fresh()),
                                                       soon(), answers),
                                           asio::use_future);
                        });
        ASSERT_EQ(outcomes.size(), static_cast<std::size_t>(callers));
        EXPECT_EQ(std::count(outcomes.begin(), outcomes.end(), Exchange::issued), 1);
        EXPECT_EQ(std::count(outcomes.begin(), outcomes.end(), Exchange::reused), callers - 1);
        for (auto const& token : tokens)
            EXPECT_FALSE(is_live(token));
    }
}

// One uses the old refresh token again while the other goes on with the new one: whatever comes first, nothing of the family is
// alive afterwards.
TEST_F(OAuthStoreTest, a_token_given_during_a_revocation_dies_too)
{
    for (int round = 0; round < 40; ++round)
    {
        auto const old_refresh = fresh();
        auto const refresh = fresh();
        auto const last = fresh();
        done(store().exchange_code(save_code(), 1, give(fresh(), old_refresh), start, soon()));
        done(store().exchange_refresh_token(old_refresh, 1, give_again(fresh(), refresh), start, soon()));
        context_.restart();
        std::vector<Exchange> outcomes;
        asio::co_spawn(context_, try_refresh(first_.oauth(), old_refresh, give_again(fresh(), fresh()), soon(), outcomes),
                       asio::use_future);
        asio::co_spawn(context_, try_refresh(second_.oauth(), refresh, give_again(last, fresh()), soon(), outcomes),
                       asio::use_future);
        context_.run_for(std::chrono::seconds(20));
        ASSERT_EQ(outcomes.size(), 2U);
        EXPECT_EQ(std::count(outcomes.begin(), outcomes.end(), Exchange::unknown), 0);
        EXPECT_FALSE(is_live(last)) << round;
    }
}

} // namespace
} // namespace parley::store
