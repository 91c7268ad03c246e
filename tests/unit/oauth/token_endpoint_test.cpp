#include "oauth_bench.hpp"

#include "base64.hpp"

namespace parley::oauth
{
namespace
{

class TokenEndpoint : public OAuthBench
{
  protected:
    http::Response token(Parameters const& parameters, Fields const& fields = {})
    {
        return post("/o/token/", parameters, fields);
    }

    // The tokens of a fresh authorization.
    http::Response redeem(std::string const& client = "public", std::string const& scope = "sessions:read sessions:write")
    {
        return token(code_exchange(code(client, scope),
                                   client == "public" ? Parameters{} : Parameters{{"client_secret", "a-secret"}}, client));
    }

    void expect_error(http::Response const& response, int status, std::string_view error, std::string_view what)
    {
        EXPECT_EQ(response.status, status) << what << ' ' << response.body;
        EXPECT_EQ(member(response, "error"), error) << what;
        EXPECT_EQ(response.content_type, "application/json") << what;
        EXPECT_EQ(field(response, "Cache-Control"), "no-store") << what;
        EXPECT_EQ(field(response, "WWW-Authenticate"), status == 401 ? "Bearer error=\"invalid_client\"" : "") << what;
    }
};

constexpr char machine_basic[] = "Basic bWFjaGluZTphLXNlY3JldA=="; // machine:a-secret

TEST_F(TokenEndpoint, gives_a_machine_a_token_without_a_refresh_token)
{
    auto const response = token({{"grant_type", "client_credentials"}, {"scope", "sessions:read sessions:write"}},
                                {{"Authorization", machine_basic}});
    ASSERT_EQ(response.status, 200) << response.body;
    EXPECT_EQ(response.body, "{\"access_token\":\"" + member(response, "access_token") +
                                 "\",\"expires_in\":36000,\"token_type\":\"Bearer\",\"scope\":\"sessions:read sessions:write\"}");
    EXPECT_EQ(field(response, "Cache-Control"), "no-store");
    auto const& stored = store.tokens.at(sha256(member(response, "access_token")));
    EXPECT_EQ(stored.team_id, 10);
    EXPECT_FALSE(stored.user_id);
    EXPECT_EQ(stored.expires, clock.now() + std::chrono::seconds(36000));
}

TEST_F(TokenEndpoint, exchanges_a_code_once)
{
    auto const granted = code();
    auto const first = token(code_exchange(granted));
    ASSERT_EQ(first.status, 200) << first.body;
    EXPECT_EQ(member(first, "scope"), "sessions:read sessions:write");
    EXPECT_EQ(member(first, "id_token"), "");
    EXPECT_NE(member(first, "refresh_token"), "");
    EXPECT_TRUE(is_live(member(first, "access_token")));
}

TEST_F(TokenEndpoint, a_code_redeemed_twice_revokes_what_it_gave)
{
    auto const granted = code();
    auto const first = token(code_exchange(granted));
    expect_error(token(code_exchange(granted)), 400, "invalid_grant", "again");
    EXPECT_FALSE(is_live(member(first, "access_token")));
    EXPECT_EQ(forgotten, 1);
    expect_error(
        token({{"grant_type", "refresh_token"}, {"refresh_token", member(first, "refresh_token")}, {"client_id", "public"}}), 400,
        "invalid_grant", "refresh");
}

TEST_F(TokenEndpoint, a_wrong_verifier_burns_the_code)
{
    auto const granted = code();
    expect_error(token(code_exchange(granted, {{"code_verifier", std::string(50, 'x')}})), 400, "invalid_grant", "wrong");
    expect_error(token(code_exchange(granted)), 400, "invalid_grant", "right, too late");
}

TEST_F(TokenEndpoint, a_missing_verifier_does_not)
{
    auto const granted = code();
    auto const response = token(code_exchange(granted, {{"code_verifier", ""}}));
    expect_error(response, 400, "invalid_request", "missing");
    EXPECT_EQ(member(response, "error_description"), "Code verifier required.");
    EXPECT_EQ(token(code_exchange(granted)).status, 200);
    expect_error(token(code_exchange("nope", {{"code_verifier", ""}})), 400, "invalid_grant", "no such code");
}

TEST_F(TokenEndpoint, another_client_cannot_burn_a_code)
{
    auto const granted = code();
    expect_error(token(code_exchange(granted, {{"client_secret", "a-secret"}}, "conf")), 400, "invalid_grant", "conf");
    EXPECT_EQ(token(code_exchange(granted)).status, 200);
}

TEST_F(TokenEndpoint, the_redirect_uri_may_be_left_out_where_there_is_one)
{
    EXPECT_EQ(token(code_exchange(code(), {{"redirect_uri", ""}})).status, 200);
    expect_error(token(code_exchange(code("conf"), {{"redirect_uri", ""}, {"client_secret", "a-secret"}}, "conf")), 400,
                 "invalid_request", "two");
}

TEST_F(TokenEndpoint, a_refresh_rotates_and_kills_the_old_access_token)
{
    auto const first = redeem();
    auto const second =
        token({{"grant_type", "refresh_token"}, {"refresh_token", member(first, "refresh_token")}, {"client_id", "public"}});
    ASSERT_EQ(second.status, 200) << second.body;
    EXPECT_FALSE(is_live(member(first, "access_token")));
    EXPECT_TRUE(is_live(member(second, "access_token")));
    EXPECT_NE(member(first, "refresh_token"), member(second, "refresh_token"));
    EXPECT_EQ(forgotten, 1);
}

TEST_F(TokenEndpoint, a_reused_refresh_token_revokes_its_family)
{
    auto const first = redeem();
    Parameters const again{
        {"grant_type", "refresh_token"}, {"refresh_token", member(first, "refresh_token")}, {"client_id", "public"}};
    auto const second = token(again);
    expect_error(token(again), 400, "invalid_grant", "reuse");
    EXPECT_FALSE(is_live(member(second, "access_token")));
    expect_error(
        token({{"grant_type", "refresh_token"}, {"refresh_token", member(second, "refresh_token")}, {"client_id", "public"}}),
        400, "invalid_grant", "the second");
}

TEST_F(TokenEndpoint, a_refresh_may_ask_for_less_but_not_for_more)
{
    auto const first = redeem();
    auto const refresh = [&](http::Response const& of, std::string const& scope)
    {
        return token({{"grant_type", "refresh_token"},
                      {"refresh_token", member(of, "refresh_token")},
                      {"client_id", "public"},
                      {"scope", scope}});
    };
    expect_error(refresh(first, "sessions:read usage:read"), 400, "invalid_scope", "wider");
    auto const narrow = refresh(first, "sessions:read");
    ASSERT_EQ(narrow.status, 200) << "a refused scope leaves the token alive";
    EXPECT_EQ(member(narrow, "scope"), "sessions:read");
    EXPECT_EQ(member(refresh(narrow, ""), "scope"), "sessions:read sessions:write")
        << "the refresh token keeps what it had (RFC 6749, 6)";
}

TEST_F(TokenEndpoint, scopes_taken_from_the_application_are_gone_at_the_next_refresh)
{
    auto const first = redeem();
    store.applications["public"].allowed_scopes = std::vector<std::string>{"sessions:read"};
    auto const second =
        token({{"grant_type", "refresh_token"}, {"refresh_token", member(first, "refresh_token")}, {"client_id", "public"}});
    EXPECT_EQ(member(second, "scope"), "sessions:read");
}

TEST_F(TokenEndpoint, codes_and_refresh_tokens_of_those_who_left_are_refused)
{
    auto const first = redeem();
    auto const granted = code();
    Parameters const refresh{
        {"grant_type", "refresh_token"}, {"refresh_token", member(first, "refresh_token")}, {"client_id", "public"}};
    store.users.at(owner).user.is_active = false;
    expect_error(token(refresh), 400, "invalid_grant", "inactive");
    store.users.at(owner).user.is_active = true;
    store.users.at(owner).teams.clear();
    expect_error(token(refresh), 400, "invalid_grant", "left");
    expect_error(token(code_exchange(granted)), 400, "invalid_grant", "left, code");
}

TEST_F(TokenEndpoint, a_code_is_good_for_a_minute_and_a_refresh_token_for_half_a_year)
{
    auto const granted = code();
    auto const first = redeem();
    clock.advance(std::chrono::seconds(60));
    expect_error(token(code_exchange(granted)), 400, "invalid_grant", "late");
    clock.advance(std::chrono::hours(24 * 180));
    expect_error(
        token({{"grant_type", "refresh_token"}, {"refresh_token", member(first, "refresh_token")}, {"client_id", "public"}}), 400,
        "invalid_grant", "old");
}

TEST_F(TokenEndpoint, a_loaded_code_with_a_plain_challenge_is_refused)
{
    store.grants[sha256("plain")] = {.grant = {.application_id = 1,
                                               .user_id = owner,
                                               .team_id = 10,
                                               .scope = "sessions:read",
                                               .redirect_uri = "https://client.example/callback",
                                               .code_challenge = verifier,
                                               .code_challenge_method = "plain",
                                               .expires = clock.now() + std::chrono::hours(1)}};
    expect_error(token(code_exchange("plain")), 400, "invalid_grant", "plain");
}

TEST_F(TokenEndpoint, openid_gives_an_id_token)
{
    auto parameters = request({{"scope", "openid profile"}, {"nonce", "n-1"}});
    parameters.emplace_back("allow", "Authorize");
    auto const response = token(code_exchange(parameter(consent(parameters), "code")));
    ASSERT_EQ(response.status, 200) << response.body;
    auto const id_token = member(response, "id_token");
    auto const claims = from_base64url(id_token.substr(id_token.find('.') + 1, id_token.rfind('.') - id_token.find('.') - 1));
    ASSERT_TRUE(claims);
    auto const access = member(response, "access_token");
    auto const document = json::Document::parse(*claims);
    ASSERT_TRUE(document);
    auto const claim = [&](std::string_view name) { return std::string(document->root().find(name)->text()); };
    EXPECT_EQ(claim("aud"), "public");
    EXPECT_EQ(claim("iss"), "https://auth.example");
    EXPECT_EQ(claim("sub"), "owner@alpha.example");
    EXPECT_EQ(claim("name"), "Olive Owner");
    EXPECT_EQ(claim("nonce"), "n-1");
    EXPECT_EQ(claim("team"), "alpha");
    EXPECT_EQ(claim("iat"), "1800000000");
    EXPECT_EQ(claim("exp"), "1800036000");
    EXPECT_EQ(claim("auth_time"), "1800000000");
    EXPECT_EQ(claim("at_hash").size(), 22U);
    EXPECT_TRUE(document->root().find("is_active")->boolean());
    EXPECT_TRUE(document->root().find("email_verified")->boolean());
    EXPECT_EQ(claim("jti").size(), 36U);

    auto const refreshed =
        token({{"grant_type", "refresh_token"}, {"refresh_token", member(response, "refresh_token")}, {"client_id", "public"}});
    auto const second = member(refreshed, "id_token");
    auto const second_claims = from_base64url(second.substr(second.find('.') + 1, second.rfind('.') - second.find('.') - 1));
    ASSERT_TRUE(second_claims);
    EXPECT_EQ(second_claims->find("nonce"), std::string::npos);
    EXPECT_NE(second_claims->find("\"auth_time\":1800000000"), std::string::npos);
}

TEST_F(TokenEndpoint, remembers_a_right_secret_and_counts_wrong_ones)
{
    Parameters const grant{{"grant_type", "client_credentials"}, {"scope", "sessions:read"}, {"client_id", "machine"}};
    auto const with = [&](std::string secret)
    {
        auto all = grant;
        all.emplace_back("client_secret", std::move(secret));
        return token(all);
    };
    EXPECT_EQ(with("a-secret").status, 200);
    EXPECT_EQ(with("wrong").status, 401);
    EXPECT_EQ(window.accounts["client:machine"], 1);
    window.limit = 1;
    EXPECT_EQ(with("wrong").status, 429);
    EXPECT_EQ(field(with("wrong"), "Retry-After"), "20");
    EXPECT_EQ(with("a-secret").status, 200) << "who has the secret is not locked out by who has not";
    store.applications["machine"].secret_hash = auth::hash_password("rotated");
    EXPECT_EQ(with("a-secret").status, 429) << "a rotated secret is forgotten";
    window.limit = 100;
    EXPECT_EQ(with("a-secret").status, 401);
    EXPECT_EQ(with("rotated").status, 200);
}

TEST_F(TokenEndpoint, a_hash_from_django_is_replaced_at_first_use)
{
    store.applications["machine"].secret_hash = "pbkdf2_sha256$1000$fixedsalt$a6EJ1CVyW144N6WbSnQlp9NLkGkP9v5wVQG+1QogINU=";
    auto const response = token({{"grant_type", "client_credentials"},
                                 {"scope", "sessions:read"},
                                 {"client_id", "machine"},
                                 {"client_secret", "a-secret"}});
    EXPECT_EQ(response.status, 200) << response.body;
    EXPECT_TRUE(store.applications["machine"].secret_hash.starts_with("$argon2id$"));
}

TEST_F(TokenEndpoint, what_the_store_cannot_do_now_is_503)
{
    store.failure = Problem{ProblemCode::store_unavailable};
    EXPECT_EQ(
        token({{"grant_type", "client_credentials"}, {"scope", "sessions:read"}}, {{"Authorization", machine_basic}}).status,
        503);
}

struct Negative
{
    char const* name;
    Parameters parameters;
    Fields fields;
    int status;
    char const* error;
};

TEST_F(TokenEndpoint, every_wrong_request_gets_its_error)
{
    auto const granted = code();
    auto const conf = [&](Parameters const& changes) { return code_exchange(code("conf"), changes, "conf"); };
    Parameters const machine{{"grant_type", "client_credentials"}, {"client_id", "machine"}, {"client_secret", "a-secret"}};
    auto const machine_with = [&](std::string name, std::string value)
    {
        auto all = machine;
        all.emplace_back(std::move(name), std::move(value));
        return all;
    };
    Negative const cases[] = {
        // The grant type.
        {"empty body", {}, {}, 400, "unsupported_grant_type"},
        {"empty grant type", {{"grant_type", ""}, {"client_id", "machine"}}, {}, 400, "unsupported_grant_type"},
        {"unknown grant type", {{"grant_type", "foo"}}, {}, 400, "unsupported_grant_type"},
        {"implicit", {{"grant_type", "implicit"}}, {}, 400, "unsupported_grant_type"},
        {"device", {{"grant_type", "urn:ietf:params:oauth:grant-type:device_code"}}, {}, 400, "unsupported_grant_type"},
        {"two grant types", {{"grant_type", "client_credentials"}, {"grant_type", "password"}}, {}, 400, "invalid_request"},
        {"the same grant type twice", machine_with("grant_type", "client_credentials"), {}, 400, "invalid_scope"},
        {"password",
         {{"grant_type", "password"},
          {"username", "owner@alpha.example"},
          {"password", "a-secret"},
          {"client_id", "conf"},
          {"client_secret", "a-secret"}},
         {},
         400,
         "unauthorized_client"},
        {"password without client",
         {{"grant_type", "password"}, {"username", "x"}, {"password", "y"}},
         {},
         401,
         "invalid_client"},
        // The client.
        {"no client", {{"grant_type", "client_credentials"}}, {}, 401, "invalid_client"},
        {"empty client",
         {{"grant_type", "client_credentials"}, {"client_id", ""}, {"client_secret", "a-secret"}},
         {},
         401,
         "invalid_client"},
        {"unknown client",
         {{"grant_type", "client_credentials"}, {"client_id", "nobody"}, {"client_secret", "x"}},
         {},
         401,
         "invalid_client"},
        {"client id in another case",
         {{"grant_type", "client_credentials"}, {"client_id", "Machine"}, {"client_secret", "a-secret"}},
         {},
         401,
         "invalid_client"},
        {"client id only", {{"grant_type", "client_credentials"}, {"client_id", "machine"}}, {}, 401, "invalid_client"},
        {"empty secret",
         {{"grant_type", "client_credentials"}, {"client_id", "machine"}, {"client_secret", ""}},
         {},
         401,
         "invalid_client"},
        {"wrong secret",
         {{"grant_type", "client_credentials"}, {"client_id", "machine"}, {"client_secret", "wrong"}},
         {},
         401,
         "invalid_client"},
        {"the hash as secret",
         {{"grant_type", "client_credentials"}, {"client_id", "machine"}, {"client_secret", secret_hash()}},
         {},
         401,
         "invalid_client"},
        {"a very long secret",
         {{"grant_type", "client_credentials"}, {"client_id", "machine"}, {"client_secret", std::string(600, 'x')}},
         {},
         401,
         "invalid_client"},
        {"wrong secret in basic",
         {{"grant_type", "client_credentials"}},
         {{"Authorization", "Basic bWFjaGluZTp3cm9uZw=="}},
         401,
         "invalid_client"},
        {"malformed basic", {{"grant_type", "client_credentials"}}, {{"Authorization", "Basic ???"}}, 401, "invalid_client"},
        {"malformed basic beside a good body",
         machine_with("scope", "sessions:read"),
         {{"Authorization", "Basic ???"}},
         401,
         "invalid_client"},
        {"bearer instead of basic",
         {{"grant_type", "client_credentials"}},
         {{"Authorization", "Bearer x"}},
         401,
         "invalid_client"},
        {"two clients",
         {{"grant_type", "client_credentials"}, {"client_id", "conf"}},
         {{"Authorization", machine_basic}},
         400,
         "invalid_request"},
        {"two secrets",
         {{"grant_type", "client_credentials"}, {"client_secret", "x"}},
         {{"Authorization", machine_basic}},
         400,
         "invalid_request"},
        {"basic and body alike", machine, {{"Authorization", machine_basic}}, 400, "invalid_scope"},
        {"doubled client id", machine_with("client_id", "machine"), {}, 400, "invalid_request"},
        {"doubled client secret", machine_with("client_secret", "a-secret"), {}, 400, "invalid_request"},
        {"public client with a secret", code_exchange(granted, {{"client_secret", "x"}}), {}, 401, "invalid_client"},
        {"confidential client without its secret", conf({}), {}, 401, "invalid_client"},
        {"confidential client with a wrong secret", conf({{"client_secret", "x"}}), {}, 401, "invalid_client"},
        // client_credentials
        {"no scope", machine, {}, 400, "invalid_scope"},
        {"empty scope", machine_with("scope", ""), {}, 400, "invalid_scope"},
        {"unknown scope", machine_with("scope", "nope"), {}, 400, "invalid_scope"},
        {"openid for a machine", machine_with("scope", "openid"), {}, 400, "invalid_scope"},
        {"a known and an unknown scope", machine_with("scope", "sessions:read nope"), {}, 400, "invalid_scope"},
        {"client_credentials of a code client",
         {{"grant_type", "client_credentials"}, {"client_id", "conf"}, {"client_secret", "a-secret"}, {"scope", "sessions:read"}},
         {},
         400,
         "unauthorized_client"},
        {"client_credentials of a public client",
         {{"grant_type", "client_credentials"}, {"client_id", "public"}, {"scope", "sessions:read"}},
         {},
         400,
         "unauthorized_client"},
        {"doubled scope",
         {{"grant_type", "client_credentials"},
          {"client_id", "machine"},
          {"client_secret", "a-secret"},
          {"scope", "sessions:read"},
          {"scope", "sessions:read"}},
         {},
         400,
         "invalid_request"},
        // authorization_code
        {"no code", code_exchange("", {{"code", ""}}), {}, 400, "invalid_request"},
        {"unknown code", code_exchange("nope"), {}, 400, "invalid_grant"},
        {"code of a machine", code_exchange(granted, {{"client_secret", "a-secret"}}, "machine"), {}, 400, "unauthorized_client"},
        {"doubled code",
         {{"grant_type", "authorization_code"},
          {"code", granted},
          {"code", granted},
          {"client_id", "public"},
          {"code_verifier", verifier}},
         {},
         400,
         "invalid_request"},
        {"doubled verifier",
         {{"grant_type", "authorization_code"},
          {"code", granted},
          {"client_id", "public"},
          {"code_verifier", verifier},
          {"code_verifier", verifier}},
         {},
         400,
         "invalid_request"},
        {"another redirect uri",
         code_exchange(code(), {{"redirect_uri", "https://client.example/other"}}),
         {},
         400,
         "invalid_request"},
        {"redirect uri with a slash more",
         code_exchange(code(), {{"redirect_uri", "https://client.example/callback/"}}),
         {},
         400,
         "invalid_request"},
        {"the challenge as verifier", code_exchange(code(), {{"code_verifier", real_challenge()}}), {}, 400, "invalid_grant"},
        {"a short verifier", code_exchange(code(), {{"code_verifier", "short"}}), {}, 400, "invalid_grant"},
        {"a verifier in another case",
         code_exchange(code(), {{"code_verifier", "A" + std::string(verifier + 1)}}),
         {},
         400,
         "invalid_grant"},
        // refresh_token
        {"no refresh token", {{"grant_type", "refresh_token"}, {"client_id", "public"}}, {}, 400, "invalid_request"},
        {"unknown refresh token",
         {{"grant_type", "refresh_token"}, {"refresh_token", "nope"}, {"client_id", "public"}},
         {},
         400,
         "invalid_grant"},
        {"an access token as refresh token",
         {{"grant_type", "refresh_token"}, {"refresh_token", member(redeem(), "access_token")}, {"client_id", "public"}},
         {},
         400,
         "invalid_grant"},
        {"another client's refresh token",
         {{"grant_type", "refresh_token"},
          {"refresh_token", member(redeem(), "refresh_token")},
          {"client_id", "conf"},
          {"client_secret", "a-secret"}},
         {},
         400,
         "invalid_grant"},
        {"refresh with a wrong secret",
         {{"grant_type", "refresh_token"}, {"refresh_token", "x"}, {"client_id", "conf"}, {"client_secret", "x"}},
         {},
         401,
         "invalid_client"},
    };
    for (Negative const& one : cases)
        expect_error(token(one.parameters, one.fields), one.status, one.error, one.name);
    EXPECT_EQ(token(code_exchange(granted)).status, 200) << "nothing above burnt the public client's code";
}

TEST_F(TokenEndpoint, reads_forms_only_and_no_query)
{
    auto const send_body = [&](std::string type, std::string body, std::string query = "")
    {
        return send({.method = http::Method::post,
                     .path = "/o/token/",
                     .query = std::move(query),
                     .fields = {{"Content-Type", std::move(type)}},
                     .body = std::move(body)});
    };
    std::string const good = "grant_type=client_credentials&client_id=machine&client_secret=a-secret&scope=sessions%3Aread";
    EXPECT_EQ(send_body("application/x-www-form-urlencoded", good).status, 200);
    EXPECT_EQ(send_body("Application/X-WWW-Form-Urlencoded; charset=utf-8", good).status, 200);
    expect_error(send_body("application/json", "{\"grant_type\":\"client_credentials\"}"), 400, "unsupported_grant_type", "json");
    expect_error(send_body("text/plain", good), 400, "unsupported_grant_type", "text");
    expect_error(send_body("application/x-www-form-urlencoded", good + "&x=%"), 400, "invalid_request", "malformed");
    expect_error(send_body("application/x-www-form-urlencoded", good + "&x=" + std::string(70'000, 'x')), 400, "invalid_request",
                 "large");
    expect_error(send_body("application/x-www-form-urlencoded", good, "client_secret=a-secret"), 400, "invalid_request", "query");
}

} // namespace
} // namespace parley::oauth
