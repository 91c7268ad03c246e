// The port through which credentials are found. Implemented by store::PgCredentialStore.
#pragma once

#include "parley/auth/principal.hpp"
#include "parley/core/clock.hpp"
#include "parley/core/identifier.hpp"
#include "parley/core/result.hpp"

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <optional>

namespace parley::auth
{

// What the store knows of a key or a token: everything that decides, before the time of day is asked.
struct CredentialRecord
{
    Principal principal; // scheme is left to the caller.
    bool is_revoked = false;
    bool user_is_active = true;       // True for machines.
    bool is_member = true;            // The user is a member of the team. False where the token names no team. True for machines.
    std::optional<Timestamp> expires; // None: never.
};

class CredentialStore
{
  public:
    virtual ~CredentialStore() = default;

    // The record stored under this digest of the whole key or token; nothing where there is none. Problems: as SessionStore.
    virtual boost::asio::awaitable<Result<std::optional<CredentialRecord>>> find_api_key(Sha256 digest, Deadline deadline) = 0;
    virtual boost::asio::awaitable<Result<std::optional<CredentialRecord>>> find_access_token(Sha256 digest,
                                                                                              Deadline deadline) = 0;

    // When the next API key ends, of those that open something at this time; nothing where none has an end. Without a store's own
    // answer: nothing.
    virtual boost::asio::awaitable<Result<std::optional<Timestamp>>> next_key_expiry(Timestamp now, Deadline deadline);
};

} // namespace parley::auth
