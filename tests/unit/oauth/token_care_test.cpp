#include "oauth_bench.hpp"

namespace parley::oauth
{
namespace
{

class TokenCare : public OAuthBench
{
  protected:
    TokenCare()
    {
        auto const later = clock.now() + std::chrono::hours(1);
        store.tokens[sha256("at-conf")] = {.application_id = 2,
                                           .user_id = owner,
                                           .team_id = 10,
                                           .scope = "openid profile sessions:read",
                                           .expires = later,
                                           .family = 7};
        store.tokens[sha256("at-machine")] = {.application_id = 4, .team_id = 10, .scope = "sessions:read", .expires = later};
        store.tokens[sha256("at-expired")] = {
            .application_id = 2, .user_id = owner, .team_id = 10, .scope = "openid", .expires = clock.now()};
        store.tokens[sha256("at-outsider")] = {
            .application_id = 2, .user_id = outsider, .team_id = 10, .scope = "openid", .expires = later};
        store.tokens[sha256("at-inactive")] = {
            .application_id = 2, .user_id = inactive, .team_id = 10, .scope = "openid", .expires = later};
        store.tokens[sha256("at-noteam")] = {.application_id = 2, .user_id = owner, .scope = "openid", .expires = later};
        store.tokens[sha256("at-plain")] = {
            .application_id = 2, .user_id = owner, .team_id = 10, .scope = "sessions:read", .expires = later};
        store.tokens[sha256("at-openid")] = {
            .application_id = 2, .user_id = owner, .team_id = 10, .scope = "openid", .expires = later};
        store.refresh_tokens[sha256("rt-conf")] = {
            .application_id = 2, .user_id = owner, .team_id = 10, .access = sha256("at-conf"), .family = 7};
    }

    Parameters conf(std::string const& token) { return {{"token", token}, {"client_id", "conf"}, {"client_secret", "a-secret"}}; }
};

TEST_F(TokenCare, introspection_tells_a_client_of_its_own_token)
{
    auto const response = post("/o/introspect/", conf("at-conf"));
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body,
              "{\"active\":true,\"scope\":\"openid profile sessions:read\",\"exp\":1800003600,\"client_id\":\"conf\","
              "\"username\":\"owner@alpha.example\"}");
    EXPECT_EQ(field(response, "Cache-Control"), "no-store");
    EXPECT_EQ(post("/o/introspect/", {{"token", "at-machine"}, {"client_id", "machine"}, {"client_secret", "a-secret"}}).body,
              "{\"active\":true,\"scope\":\"sessions:read\",\"exp\":1800003600,\"client_id\":\"machine\"}");
}

TEST_F(TokenCare, introspection_says_nothing_of_others)
{
    for (auto const* const token : {"nope", "at-machine", "at-expired", "at-outsider", "at-inactive", "at-noteam", "rt-conf"})
        EXPECT_EQ(post("/o/introspect/", conf(token)).body, "{\"active\":false}") << token;
    store.applications["conf"].is_resource_server = true;
    EXPECT_EQ(member(post("/o/introspect/", conf("at-machine")), "active"), "true");
    EXPECT_EQ(member(post("/o/introspect/", conf("at-outsider")), "active"), "false");
}

TEST_F(TokenCare, introspection_needs_a_client_that_proves_itself)
{
    auto const refuse = [&](Parameters const& parameters, int status, std::string_view error, Fields const& fields = {})
    {
        auto const response = post("/o/introspect/", parameters, fields);
        EXPECT_EQ(response.status, status);
        EXPECT_EQ(member(response, "error"), error);
    };
    refuse({{"token", "at-conf"}}, 401, "invalid_client");
    refuse({{"token", "at-conf"}}, 401, "invalid_client", {{"Authorization", "Bearer at-conf"}});
    refuse({{"token", "at-conf"}}, 401, "invalid_client", {{"Authorization", "Basic Y29uZjpiYWQ="}});
    refuse({{"token", "at-conf"}, {"client_id", "conf"}}, 401, "invalid_client");
    refuse({{"token", "at-conf"}, {"client_id", "public"}}, 401, "invalid_client");
    refuse(conf(""), 400, "invalid_request");
    refuse({{"token", "at-conf"}, {"token", "at-conf"}, {"client_id", "conf"}, {"client_secret", "a-secret"}}, 400,
           "invalid_request");
}

TEST_F(TokenCare, revoking_an_access_token_kills_it_alone)
{
    auto const response = post("/o/revoke_token/", conf("at-conf"));
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, "");
    EXPECT_FALSE(is_live("at-conf"));
    EXPECT_FALSE(store.refresh_tokens.at(sha256("rt-conf")).is_revoked);
    EXPECT_EQ(forgotten, 1);
    EXPECT_EQ(post("/o/revoke_token/", conf("at-conf")).status, 200);
    EXPECT_EQ(forgotten, 1);
}

TEST_F(TokenCare, revoking_a_refresh_token_kills_its_family)
{
    EXPECT_EQ(post("/o/revoke_token/", conf("rt-conf")).status, 200);
    EXPECT_FALSE(is_live("at-conf"));
    EXPECT_TRUE(store.refresh_tokens.at(sha256("rt-conf")).is_revoked);
}

TEST_F(TokenCare, revoking_what_is_unknown_or_anothers_is_200_without_effect)
{
    for (auto const* const token : {"nope", "at-machine"})
        EXPECT_EQ(post("/o/revoke_token/", conf(token)).status, 200) << token;
    EXPECT_TRUE(is_live("at-machine"));
    auto hinted = conf("nope");
    hinted.emplace_back("token_type_hint", "foo");
    EXPECT_EQ(post("/o/revoke_token/", hinted).status, 200);
    EXPECT_EQ(post("/o/revoke_token/", {{"token", "nope"}, {"client_id", "public"}}).status, 200);
}

TEST_F(TokenCare, revocation_refuses_what_is_malformed)
{
    auto const missing = post("/o/revoke_token/", conf(""));
    EXPECT_EQ(missing.status, 400);
    EXPECT_EQ(missing.body, "{\"error\":\"invalid_request\",\"error_description\":\"Missing token parameter.\"}");
    EXPECT_EQ(post("/o/revoke_token/", {{"token", "at-conf"}}).status, 401);
    EXPECT_EQ(post("/o/revoke_token/", {{"token", "at-conf"}, {"client_id", "conf"}}).status, 401);
    EXPECT_EQ(post("/o/revoke_token/", {{"token", "at-conf"}, {"client_id", "conf"}, {"client_secret", "x"}}).status, 401);
    EXPECT_TRUE(is_live("at-conf"));
}

TEST_F(TokenCare, userinfo_tells_who_it_is)
{
    auto const ask = [&](std::string const& token) { return get("/o/userinfo/", {}, {{"Authorization", "Bearer " + token}}); };
    EXPECT_EQ(ask("at-conf").body, "{\"sub\":\"owner@alpha.example\",\"name\":\"Olive "
                                   "Owner\",\"is_active\":true,\"email_verified\":true,\"team\":\"alpha\"}");
    EXPECT_EQ(ask("at-openid").body,
              "{\"sub\":\"owner@alpha.example\",\"is_active\":true,\"email_verified\":true,\"team\":\"alpha\"}")
        << "no scope profile, no name";
    EXPECT_EQ(get("/o/userinfo/", {}, {{"Authorization", "bearer at-conf"}}).status, 200);
    EXPECT_EQ(post("/o/userinfo/", {{"access_token", "at-conf"}}).status, 200);
}

TEST_F(TokenCare, userinfo_refuses_every_other_token)
{
    constexpr char challenge[] = "Bearer error=\"invalid_token\", error_description=\"The access token provided is expired, "
                                 "revoked, malformed, or invalid for other reasons.\"";
    for (auto const* const value : {"", "Bearer", "Bearer ", "Bearer nope", "Bearer at-machine", "Bearer at-expired",
                                    "Bearer at-outsider", "Bearer at-inactive", "Bearer at-noteam", "Bearer at-plain",
                                    "Bearer rt-conf", "Bearer at-conf x", "Basic at-conf", "at-conf"})
    {
        auto const response = get("/o/userinfo/", {}, {{"Authorization", value}});
        EXPECT_EQ(response.status, 401) << value;
        EXPECT_EQ(field(response, "WWW-Authenticate"), challenge) << value;
    }
    EXPECT_EQ(get("/o/userinfo/").status, 401);
    EXPECT_EQ(get("/o/userinfo/", {{"access_token", "at-conf"}}).status, 401) << "no token in a query";
    EXPECT_EQ(post("/o/userinfo/", {{"access_token", "at-conf"}}, {{"Authorization", "Bearer at-conf"}}).status, 400);
    EXPECT_EQ(post("/o/userinfo/", {{"access_token", "at-conf"}, {"access_token", "at-conf"}}).status, 400);
}

TEST_F(TokenCare, discovery_says_only_what_is_supported)
{
    for (auto const* const path : {"/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"})
    {
        auto const response = get(path);
        EXPECT_EQ(response.status, 200);
        EXPECT_EQ(member(response, "issuer"), "https://auth.example");
        EXPECT_EQ(member(response, "token_endpoint"), "https://auth.example/o/token/");
        EXPECT_EQ(member(response, "response_types_supported"), "[\"code\"]");
        EXPECT_EQ(member(response, "code_challenge_methods_supported"), "[\"S256\"]");
        EXPECT_EQ(member(response, "id_token_signing_alg_values_supported"), "[\"RS256\"]");
    }
}

} // namespace
} // namespace parley::oauth
