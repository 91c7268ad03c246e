// What a scheme says of the credential it was shown. A scheme is one file: how it looks up (in Authenticator) and how it judges
// (here).
#pragma once

#include "parley/auth/credential_store.hpp"

#include <cstdint>
#include <memory>
#include <optional>

namespace parley::auth
{

// A record as the cache keeps it: the principal is shared by all requests that show the same credential.
struct KnownCredential
{
    std::shared_ptr<Principal const> principal; // nullptr: the store has no such credential.
    bool is_revoked = false;
    bool user_is_active = true;
    bool is_member = true;
    std::optional<Timestamp> expires;
};

struct Judgement
{
    enum class Kind : std::uint8_t
    {
        accepted,
        passed_on, // Not recognised: the next scheme is asked. code says why, should none of them know it.
        refused,   // Recognised and refused: final, whatever else the request shows.
    };
    Kind kind = Kind::accepted;
    ProblemCode code{};
    bool is_counted = false;
    friend bool operator==(Judgement const&, Judgement const&) = default;
};

// Pure. An unknown, revoked or expired token is passed on (credential_invalid or token_expired); one of somebody who is not in
// the team (membership_missing) or whose user is inactive (permission_denied) is refused, uncounted: it was a good token.
[[nodiscard]] Judgement judge_access_token(KnownCredential const& known, Timestamp now) noexcept;

// Pure. Never passes on: an unknown, revoked or expired key (credential_invalid), an inactive user's (user_inactive) and one of
// somebody who is not in the team (membership_missing) are refused and counted.
[[nodiscard]] Judgement judge_api_key(KnownCredential const& known, Timestamp now) noexcept;

} // namespace parley::auth
