// The scheme "Authorization: Bearer <OAuth access token>".
#include "judgement.hpp"

namespace parley::auth
{

Judgement judge_access_token(KnownCredential const& known, Timestamp now) noexcept
{
    using Kind = Judgement::Kind;
    if (!known.principal || known.is_revoked) return {Kind::passed_on, ProblemCode::credential_invalid, true};
    if (known.expires && *known.expires <= now) return {Kind::passed_on, ProblemCode::token_expired, true};
    if (!known.is_member) return {Kind::refused, ProblemCode::membership_missing, false};
    if (!known.user_is_active) return {Kind::refused, ProblemCode::permission_denied, false};
    return {};
}

} // namespace parley::auth
