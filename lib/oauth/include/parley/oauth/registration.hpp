// What an application may be registered with. Stricter than what the authorization server lets through: it also serves
// applications that were brought along from elsewhere.
#pragma once

#include "parley/oauth/oauth_store.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace parley::oauth
{

// Why an address cannot be registered as a redirect URI, as the rest of a sentence ("must ..."); nothing where it may be. It is
// absolute and has no fragment (RFC 6749, 3.1.2), and is one of: https; http on a loopback address; a private-use scheme with a
// period in it, as RFC 8252, 7.1 and 8.4 want it.
[[nodiscard]] std::optional<std::string> why_not_registrable(std::string_view redirect_uri);

// The names of the scopes that such an application can have.
[[nodiscard]] std::vector<std::string> registrable_scopes(ClientGrant grant);

} // namespace parley::oauth
