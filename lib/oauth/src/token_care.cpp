// POST /o/revoke_token/ (RFC 7009) and POST /o/introspect/ (RFC 7662).
#include "client_authentication.hpp"
#include "endpoints.hpp"
#include "id_token.hpp"

#include "parley/core/json.hpp"

namespace parley::oauth
{

namespace
{

std::string introspected(AccessToken const& token)
{
    std::string body = "{\"active\":true,\"scope\":" + json::to_string_literal(token.scope);
    body += ",\"exp\":" + std::to_string(seconds_of(token.expires));
    body += ",\"client_id\":" + json::to_string_literal(token.client_id);
    if (token.standing.user) body += ",\"username\":" + json::to_string_literal(token.standing.user->email);
    return body += '}';
}

} // namespace

Answer answer_revocation(Workplace& place, routing::Call const& call)
{
    auto const read = co_await read_endpoint_form(call);
    if (!read.value) co_return read.refusal;
    auto const& token = read.value->value("token");
    if (token.empty()) co_return to_response(OAuthError{.error = "invalid_request", .description = "Missing token parameter."});
    auto const client = co_await authenticate_client(place, call, *read.value);
    if (!client.value) co_return client.refusal;

    // token_type_hint only helps a server that keeps the kinds apart; an unknown one changes nothing (2.1).
    auto const revoked =
        co_await place.with.store.revoke_token(sha256(token), (*client.value)->id, place.with.clock.now(), call.deadline);
    if (!revoked) co_return revoked.error();
    if (*revoked) place.forget_credentials();
    co_return http::Response();
}

Answer answer_introspection(Workplace& place, routing::Call const& call)
{
    auto const read = co_await read_endpoint_form(call);
    if (!read.value) co_return read.refusal;
    auto const client = co_await authenticate_client(place, call, *read.value);
    if (!client.value) co_return client.refusal;
    Application const& application = **client.value;
    if (application.type == ClientType::public_) co_return to_response(invalid_client); // A name proves nothing (2.1).
    auto const& shown = read.value->value("token");
    if (shown.empty())
        co_return to_response(OAuthError{.error = "invalid_request", .description = "Token parameter is missing."});

    auto const token = co_await place.with.store.find_access_token(sha256(shown), call.deadline);
    if (!token) co_return token.error();
    bool const is_visible = *token && ((*token)->application_id == application.id || application.is_resource_server);
    bool const is_active = is_visible && (*token)->expires > place.with.clock.now() && (*token)->standing.is_live();
    http::Response response;
    response.body = is_active ? introspected(**token) : "{\"active\":false}";
    response.add("Cache-Control", "no-store");
    co_return response;
}

} // namespace parley::oauth
