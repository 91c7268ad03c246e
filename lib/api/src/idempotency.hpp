// Idempotency-Key: a create that is sent again is made once (draft-ietf-httpapi-idempotency-key-header).
#pragma once

#include "parley/core/identifier.hpp"
#include "parley/core/result.hpp"
#include "parley/domain/session.hpp"
#include "parley/http/message.hpp"

#include <mutex>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

namespace parley::api
{

// The key's digest; nothing where the request has no key. As a string in quotes (RFC 9651, 3.3.3) or bare. Problems:
// idempotency_key_invalid, also when it is doubled.
[[nodiscard]] Result<std::optional<Sha256>> read_idempotency_key(http::Request const& request);

// The keys whose requests this replica is answering. Thread-safe.
class KeysInUse
{
  public:
    // Holds a key while it lives.
    class Use
    {
      public:
        Use() = default;
        Use(KeysInUse& keys, domain::TeamId team, Sha256 const& key) : keys_(&keys), key_(team, key) {}
        Use(Use&& other) noexcept : keys_(std::exchange(other.keys_, nullptr)), key_(other.key_) {}
        Use& operator=(Use&& other) noexcept;
        ~Use();

      private:
        KeysInUse* keys_ = nullptr;
        std::pair<domain::TeamId, Sha256> key_;
    };

    // Problems: idempotency_key_in_use.
    [[nodiscard]] Result<Use> use(domain::TeamId team, Sha256 const& key);

  private:
    std::mutex mutex_; // Of the one below.
    std::set<std::pair<domain::TeamId, Sha256>> keys_;
};

} // namespace parley::api
