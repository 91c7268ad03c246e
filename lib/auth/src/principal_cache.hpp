// Look-ups of credentials, believed for a short time.
#pragma once

#include "judgement.hpp"

#include "parley/auth/principal.hpp"
#include "parley/core/clock.hpp"
#include "parley/core/identifier.hpp"

#include <chrono>
#include <cstdint>
#include <list>
#include <unordered_map>

namespace parley::auth
{

struct CacheKey
{
    Scheme scheme{};
    Sha256 digest{};
    friend bool operator==(CacheKey const&, CacheKey const&) = default;
};

struct CacheKeyHash
{
    std::size_t operator()(CacheKey const& key) const noexcept
    {
        return std::hash<Sha256>{}(key.digest) ^ static_cast<std::size_t>(key.scheme);
    }
};

// Belongs to one thread: no lock. Found and not found are kept together; the oldest go first. What a record says of time (its
// expiry) is judged at each use, so a cached key still ends on time.
class PrincipalCache
{
  public:
    PrincipalCache(std::chrono::microseconds lifetime, std::size_t entries_max) : lifetime_(lifetime), entries_max_(entries_max)
    {
    }

    // The look-up under this key, or nullptr. A generation other than the cache's empties it first (see Authenticator::forget).
    // Valid until the next call.
    [[nodiscard]] KnownCredential const* find(CacheKey const& key, Timestamp now, std::uint64_t generation);

    // Keeps a look-up that was begun in this generation. One of an older generation may show what has been revoked since: it is
    // not kept.
    void keep(CacheKey const& key, KnownCredential known, Timestamp now, std::uint64_t generation);

    [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

  private:
    struct Entry
    {
        KnownCredential known;
        Timestamp kept_at;
        std::list<CacheKey>::iterator place;
    };
    using Entries = std::unordered_map<CacheKey, Entry, CacheKeyHash>;

    void erase(Entries::iterator entry);

    std::chrono::microseconds lifetime_;
    std::size_t entries_max_;
    std::uint64_t generation_ = 0;
    Entries entries_;
    std::list<CacheKey> by_age_; // The oldest first.
};

} // namespace parley::auth
