// An administrator revokes while clients redeem codes and refresh tokens: when the command has ended, nothing lives, however the
// two met.
#include "fresh_database.hpp"

#include "parley/oauth/oauth_store.hpp"
#include "parley/store/oauth_administration.hpp"
#include "parley/store/store.hpp"
#include "parley/support/run_coro.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace parley::world
{
namespace
{

using oauth::Exchange;

constexpr int clients = 6;
constexpr int rounds = 12;

class RevocationRace : public testing::Test
{
  protected:
    RevocationRace() : store_({.database_url = database.url(), .lanes = 4}, clock_, telemetry_)
    {
        EXPECT_TRUE(store_.wait_until_up(std::chrono::seconds(10)));
        static_cast<void>(database.sql("insert into team (id, slug, name, created_at) values (1, 'alpha', 'Alpha', now());"
                                       "insert into app_user (id, email, created_at) values (1, 'a@b.c', now());"
                                       "insert into membership (team_id, user_id, roles) values (1, 1, '{}');"
                                       "insert into oauth_application (id, client_id, client_type, grant_type, name, created_at) "
                                       "values (1, 'web', 'public', "
                                       "'authorization-code', 'Web', now())"));
    }

    static Deadline soon() { return Deadline::after(std::chrono::seconds(20)); }

    static oauth::NewTokens new_tokens(Sha256 const& access, Sha256 const& refresh, Timestamp now)
    {
        return {.access = access,
                .refresh = refresh,
                .scope = "sessions:read",
                .refresh_scope = "sessions:read",
                .access_expires = now + std::chrono::hours(1)};
    }

    Sha256 save_code()
    {
        auto const code = sha256(make_secret());
        auto const saved = support::run_coro(store_.oauth().save_grant(code,
                                                                       {.application_id = 1,
                                                                        .user_id = 1,
                                                                        .team_id = 1,
                                                                        .scope = "sessions:read",
                                                                        .redirect_uri = "https://a/",
                                                                        .code_challenge = "challenge",
                                                                        .code_challenge_method = "S256",
                                                                        .nonce = "n",
                                                                        .auth_time = clock_.now(),
                                                                        .expires = clock_.now() + std::chrono::hours(1)},
                                                                       clock_.now(), soon()));
        EXPECT_TRUE(saved);
        return code;
    }

    // Redeems the code and refreshes on and on, until it gets nothing any more, or too long.
    void act_as_client(Sha256 const& code)
    {
        auto refresh = sha256(make_secret());
        auto const now = clock_.now();
        auto const first = new_tokens(sha256(make_secret()), refresh, now);
        oauth::CodeDecision const give = [first](oauth::Grant const&, oauth::Standing const&) { return std::optional(first); };
        auto const redeemed = support::run_coro(store_.oauth().exchange_code(code, 1, give, now, soon()));
        if (!redeemed || redeemed->outcome != Exchange::issued) return;
        auto const end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
        while (std::chrono::steady_clock::now() < end)
        {
            auto const next = sha256(make_secret());
            auto const tokens = new_tokens(sha256(make_secret()), next, now);
            oauth::RefreshDecision const again = [tokens](oauth::RefreshGrant const&, oauth::Standing const&)
            { return std::optional(tokens); };
            auto const refreshed = support::run_coro(store_.oauth().exchange_refresh_token(refresh, 1, again, now, soon()));
            ASSERT_TRUE(refreshed);
            if (refreshed->outcome != Exchange::issued) return;
            ++exchanges_;
            refresh = next;
        }
    }

    [[nodiscard]] std::string alive() const
    {
        return database.sql("select (select count(*) from oauth_access_token), (select count(*) from oauth_refresh_token where "
                            "revoked_at is null), (select count(*) from oauth_grant where redeemed_at is null)");
    }

    FreshDatabase database;
    SystemClock clock_;
    telemetry::Telemetry telemetry_{{.log_level = "off"}};
    store::Store store_;
    std::atomic<int> exchanges_{0};
};

TEST_F(RevocationRace, nothing_lives_when_the_administrator_has_revoked)
{
    store::Administration administration(database.url(), "tester", clock_);
    store::OAuthAdministration oauth(administration);
    for (int round = 0; round < rounds; ++round)
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < clients; ++i)
            threads.emplace_back([this, code = save_code()] { act_as_client(code); });
        auto const before = exchanges_.load();
        while (exchanges_ < before + clients)
            std::this_thread::yield();
        auto const revoked = round % 2 == 0 ? oauth.revoke_tokens({.email = "a@b.c", .application = {}, .team = {}})
                                            : oauth.revoke_grants({.email = {}, .application = "web", .team = {}});
        EXPECT_EQ(alive(), "0|0|0") << "round " << round;
        EXPECT_GT(revoked.refresh_tokens, 0);
        threads.clear(); // Ends, since nobody gets anything any more.
        EXPECT_EQ(alive(), "0|0|0") << "round " << round << ", when all have stopped";
    }
}

} // namespace
} // namespace parley::world
