// What the nouns of the authorization server share: application, grant, token, signing-key, browser-session.
#pragma once

#include "nouns.hpp"

#include "parley/store/oauth_administration.hpp"

#include <string>

namespace parley::command
{

[[nodiscard]] store::OAuthAdministration oauth_administration(Invocation const& call);

// "2 access tokens, 1 refresh token and 0 codes revoked"
[[nodiscard]] std::string sentence_of(store::Revocation const& revoked);

} // namespace parley::command
