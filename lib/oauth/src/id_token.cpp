#include "id_token.hpp"

#include "jwt.hpp"
#include "scope.hpp"

#include "parley/core/identifier.hpp"
#include "parley/core/json.hpp"

#include <chrono>

namespace parley::oauth
{

namespace
{

// "sub":...,"team":...
void append_user(std::string& out, std::string_view scope, Standing const& standing)
{
    User const& user = *standing.user;
    out.append("\"sub\":").append(json::to_string_literal(user.email));
    if (has_scope(scope, "profile")) out.append(",\"name\":").append(json::to_string_literal(user.full_name));
    out.append(",\"is_active\":").append(user.is_active ? "true" : "false");
    out.append(",\"email_verified\":").append(user.email_verified ? "true" : "false");
    if (standing.team) out.append(",\"team\":").append(json::to_string_literal(standing.team->slug));
}

} // namespace

std::int64_t seconds_of(Timestamp when) noexcept
{
    return std::chrono::floor<std::chrono::seconds>(when).time_since_epoch().count();
}

std::string id_token_claims(IdTokenFacts const& facts, Standing const& standing)
{
    std::string claims = "{\"aud\":" + json::to_string_literal(facts.client_id);
    claims.append(",\"iat\":").append(std::to_string(seconds_of(facts.now)));
    if (!facts.nonce.empty()) claims.append(",\"nonce\":").append(json::to_string_literal(facts.nonce));
    claims.append(",\"at_hash\":\"").append(at_hash(facts.access_token)).append("\",");
    append_user(claims, facts.scope, standing);
    claims.append(",\"iss\":").append(json::to_string_literal(facts.issuer));
    claims.append(",\"exp\":").append(std::to_string(seconds_of(facts.expires)));
    if (facts.auth_time) claims.append(",\"auth_time\":").append(std::to_string(seconds_of(*facts.auth_time)));
    return claims.append(",\"jti\":\"").append(make_uuid(facts.now).text()).append("\"}");
}

std::string user_claims(std::string_view scope, Standing const& standing)
{
    std::string claims = "{";
    append_user(claims, scope, standing);
    return claims.append("}");
}

} // namespace parley::oauth
