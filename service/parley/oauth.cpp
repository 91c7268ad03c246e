#include "oauth.hpp"

namespace parley::command
{

store::OAuthAdministration oauth_administration(Invocation const& call)
{
    return store::OAuthAdministration(call.database.administration());
}

std::string sentence_of(store::Revocation const& revoked)
{
    return counted(revoked.access_tokens, "access token") + ", " + counted(revoked.refresh_tokens, "refresh token") + " and " +
           counted(revoked.codes, "code") + " revoked";
}

} // namespace parley::command
