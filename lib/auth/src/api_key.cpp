// The schemes "X-api-key" and "Authorization: Bearer <API key>".
#include "judgement.hpp"

namespace parley::auth
{

Judgement judge_api_key(KnownCredential const& known, Timestamp now) noexcept
{
    using Kind = Judgement::Kind;
    bool const is_over = known.is_revoked || (known.expires && *known.expires <= now);
    if (!known.principal || is_over) return {Kind::refused, ProblemCode::credential_invalid, true};
    if (!known.user_is_active) return {Kind::refused, ProblemCode::user_inactive, true};
    if (!known.is_member) return {Kind::refused, ProblemCode::membership_missing, true};
    return {};
}

} // namespace parley::auth
