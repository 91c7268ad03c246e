// What a client can find out by itself: discovery (OpenID Connect Discovery, RFC 8414) and the key set.
#include "endpoints.hpp"
#include "scope.hpp"

#include "parley/core/json.hpp"

namespace parley::oauth
{

namespace
{

// Only what is supported.
std::string describe(std::string_view issuer)
{
    std::string document = "{\"issuer\":" + json::to_string_literal(issuer);
    auto const add_url = [&](std::string_view name, std::string_view path) {
        document.append(",\"").append(name).append("\":").append(
            json::to_string_literal(std::string(issuer) + std::string(path)));
    };
    add_url("authorization_endpoint", "/o/authorize/");
    add_url("token_endpoint", "/o/token/");
    add_url("userinfo_endpoint", "/o/userinfo/");
    add_url("revocation_endpoint", "/o/revoke_token/");
    add_url("introspection_endpoint", "/o/introspect/");
    add_url("jwks_uri", "/.well-known/jwks.json");
    document += ",\"scopes_supported\":[";
    for (KnownScope const& scope : known_scopes())
        document.append(document.ends_with('[') ? "" : ",").append(json::to_string_literal(scope.name));
    return document +=
           R"(],"response_types_supported":["code"],"response_modes_supported":["query"],)"
           R"("grant_types_supported":["authorization_code","client_credentials","refresh_token"],)"
           R"("subject_types_supported":["public"],"id_token_signing_alg_values_supported":["RS256"],)"
           R"("token_endpoint_auth_methods_supported":["client_secret_post","client_secret_basic","none"],)"
           R"("revocation_endpoint_auth_methods_supported":["client_secret_post","client_secret_basic","none"],)"
           R"("introspection_endpoint_auth_methods_supported":["client_secret_post","client_secret_basic"],)"
           R"("code_challenge_methods_supported":["S256"],"authorization_response_iss_parameter_supported":true,)"
           R"("prompt_values_supported":["none","login","consent","select_account"],)"
           R"("claims_parameter_supported":false,"request_parameter_supported":false,"request_uri_parameter_supported":false,)"
           R"("claims_supported":["sub","name","is_active","email_verified","team","iss","aud","exp","iat","auth_time","nonce","at_hash","jti"]})";
}

http::Response public_document(std::string body)
{
    http::Response response;
    response.body = std::move(body);
    response.add("Access-Control-Allow-Origin", "*");
    response.add("Cache-Control", "public, max-age=300");
    return response;
}

} // namespace

Answer answer_openid_configuration(Workplace& /*place*/, routing::Call const& call)
{
    co_return public_document(describe(call.base_url));
}

Answer answer_server_metadata(Workplace& /*place*/, routing::Call const& call)
{
    co_return public_document(describe(call.base_url));
}

Answer answer_key_set(Workplace& place, routing::Call const& call)
{
    auto set = co_await place.with.keys.key_set(call.deadline);
    if (!set) co_return set.error();
    co_return public_document(std::move(*set));
}

} // namespace parley::oauth
