// Goal: what an administrator changes counts on every replica within a second.
// Method: two real services on one database, the real command beside them, and a look at both.
#include "parley/support/api_client.hpp"
#include "parley/support/oauth_client.hpp"
#include "parley/support/postgres_server.hpp"
#include "parley/support/test_world.hpp"
#include "parley/support/world_service.hpp"

#include "parley/core/json.hpp"

#include <gtest/gtest.h>

namespace parley::e2e
{
namespace
{

using support::HttpAnswer;
using support::HttpRequest;

constexpr std::chrono::milliseconds a_second(1000);

std::string text_member(std::string const& object, std::string_view key)
{
    auto const document = json::Document::parse(object);
    auto const value = document ? document->root().find(key) : std::nullopt;
    return value ? std::string(value->text()) : std::string();
}

class AdministrationAtWork : public testing::Test
{
  protected:
    static void SetUpTestSuite()
    {
        url_ = support::new_database();
        first_ = support::start_with_world(support::recorded_world_path(), {"--rate-limit-enforce", "false"}, url_);
        second_ = std::make_unique<support::ParleydProcess>(
            support::ParleydSettings{.database_url = url_, .flags = {"--rate-limit-enforce", "false"}});
    }
    static void TearDownTestSuite()
    {
        second_.reset();
        first_.reset();
    }

    static std::string parley(std::vector<std::string> arguments)
    {
        arguments.insert(arguments.end(), {"--database-url", url_});
        auto const result = support::run_parley(arguments);
        EXPECT_EQ(result.exit_code, 0) << testing::PrintToString(arguments) << result.err;
        return result.out;
    }

    // Whether both replicas come to answer so within a second of each other's last word.
    static void expect_everywhere(HttpRequest const& request, int status)
    {
        EXPECT_TRUE(first_->answers_within(request, status, a_second)) << first_->exchange(request).body;
        EXPECT_TRUE(second_->answers_within(request, status, a_second)) << second_->exchange(request).body;
    }

    static HttpRequest list_sessions(std::string const& token)
    {
        return {.target = "/api/sessions/", .fields = {{"Authorization", "Bearer " + token}}};
    }

    static HttpRequest machine_token(std::string const& client_id, std::string const& secret)
    {
        return support::form_request("/o/token/", {{"grant_type", "client_credentials"}, {"scope", "sessions:read"}},
                                     {{"Authorization", support::basic(client_id, secret)}});
    }

    // The owner's access token for the public client.
    static std::string obtain_token()
    {
        auto const code = support::obtain_code(*first_);
        return text_member(first_->exchange(support::form_request("/o/token/", support::code_form(code))).body, "access_token");
    }

    static inline std::string url_;
    static inline std::unique_ptr<support::ParleydProcess> first_;
    static inline std::unique_ptr<support::ParleydProcess> second_;
};

TEST_F(AdministrationAtWork, a_machine_is_registered_rotated_revoked_and_deleted)
{
    auto const made =
        parley({"application", "create", "--name", "Export", "--grant", "client-credentials", "--team", "alpha", "--json"});
    auto const client_id = text_member(made, "client_id");
    auto const old_request = machine_token(client_id, text_member(made, "client_secret"));
    expect_everywhere(old_request, 200);
    auto const token = text_member(first_->exchange(old_request).body, "access_token");
    expect_everywhere(list_sessions(token), 200);

    auto const secret = text_member(parley({"application", "rotate", "Export", "--json"}), "client_secret");
    expect_everywhere(old_request, 401);
    auto const request = machine_token(client_id, secret);
    expect_everywhere(request, 200);
    expect_everywhere(list_sessions(token), 200);

    parley({"token", "revoke", "--application", "Export"});
    expect_everywhere(list_sessions(token), 401);

    auto const next = text_member(second_->exchange(request).body, "access_token");
    expect_everywhere(list_sessions(next), 200);
    parley({"application", "set-scopes", "Export", "--scope", "usage:read"});
    expect_everywhere(list_sessions(next), 401);
    expect_everywhere(request, 400);
    parley({"application", "set-scopes", "Export", "--all"});
    expect_everywhere(request, 200);

    auto const last = text_member(first_->exchange(request).body, "access_token");
    expect_everywhere(list_sessions(last), 200);
    parley({"application", "delete", "Export"});
    expect_everywhere(list_sessions(last), 401);
    expect_everywhere(request, 401);
}

TEST_F(AdministrationAtWork, a_user_is_shut_out_let_in_and_loses_a_grant)
{
    auto const token = obtain_token();
    expect_everywhere(list_sessions(token), 200);
    auto const grants = parley({"grant", "list", "--application", std::string(support::public_client), "--json"});
    auto const document = json::Document::parse(grants);
    ASSERT_TRUE(document);
    std::string const email((*document->root().begin()).find("user")->text());

    parley({"user", "deactivate", email});
    expect_everywhere(list_sessions(token), 403);
    EXPECT_NE(first_->exchange({.target = "/accounts/login/", .fields = {{"Cookie", std::string(support::owner_cookies)}}})
                  .body.find("name=\"password\""),
              std::string::npos)
        << "signed out";
    parley({"user", "activate", email});
    expect_everywhere(list_sessions(token), 200);
    parley({"grant", "revoke", "--user", email});
    expect_everywhere(list_sessions(token), 401);
}

TEST_F(AdministrationAtWork, a_new_signing_key_is_published_at_once_and_a_removed_one_is_not)
{
    HttpRequest const key_set{.target = "/.well-known/jwks.json"};
    EXPECT_EQ(first_->exchange(key_set).status, 200); // Makes the first.
    auto const kid = text_member(parley({"signing-key", "add", "--json"}), "kid");
    auto const is_published = [&](support::ParleydProcess const& replica, bool wanted)
    {
        auto const end = std::chrono::steady_clock::now() + a_second;
        while (std::chrono::steady_clock::now() < end)
            if ((replica.exchange(key_set).body.find(kid) != std::string::npos) == wanted) return true;
        return false;
    };
    EXPECT_TRUE(is_published(*first_, true));
    EXPECT_TRUE(is_published(*second_, true));
    parley({"signing-key", "retire", kid, "--at-once"});
    EXPECT_TRUE(is_published(*first_, true));
    parley({"signing-key", "remove", kid, "--at-once"});
    EXPECT_TRUE(is_published(*first_, false));
    EXPECT_TRUE(is_published(*second_, false));
}

} // namespace
} // namespace parley::e2e
