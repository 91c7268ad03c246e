// What is said of a user: the ID token and userinfo.
#pragma once

#include "parley/oauth/oauth_store.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace parley::oauth
{

struct IdTokenFacts
{
    std::string_view issuer;
    std::string_view client_id;
    std::string_view nonce; // Empty: none.
    std::string_view access_token;
    std::string_view scope;
    Timestamp now;
    Timestamp expires;
    std::optional<Timestamp> auth_time;
};

// The claims of an ID token, a JSON object. The standing has a user.
[[nodiscard]] std::string id_token_claims(IdTokenFacts const& facts, Standing const& standing);

// The answer of userinfo, a JSON object: sub, name (with the scope profile only), is_active, email_verified, team.
[[nodiscard]] std::string user_claims(std::string_view scope, Standing const& standing);

[[nodiscard]] std::int64_t seconds_of(Timestamp when) noexcept;

} // namespace parley::oauth
