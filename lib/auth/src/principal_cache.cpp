#include "principal_cache.hpp"

#include <utility>

namespace parley::auth
{

KnownCredential const* PrincipalCache::find(CacheKey const& key, Timestamp now, std::uint64_t generation)
{
    if (generation != generation_)
    {
        entries_.clear();
        by_age_.clear();
        generation_ = generation;
        return nullptr;
    }
    auto const entry = entries_.find(key);
    if (entry == entries_.end()) return nullptr;
    // A clock that was set back must not make an entry live longer.
    if (now < entry->second.kept_at || now - entry->second.kept_at >= lifetime_)
    {
        erase(entry);
        return nullptr;
    }
    return &entry->second.known;
}

void PrincipalCache::keep(CacheKey const& key, KnownCredential known, Timestamp now, std::uint64_t generation)
{
    if (generation != generation_ || lifetime_ <= std::chrono::microseconds::zero() || entries_max_ == 0) return;
    if (auto const entry = entries_.find(key); entry != entries_.end()) erase(entry);
    if (entries_.size() >= entries_max_) erase(entries_.find(by_age_.front()));
    auto const place = by_age_.insert(by_age_.end(), key);
    entries_.emplace(key, Entry{std::move(known), now, place});
}

void PrincipalCache::erase(Entries::iterator entry)
{
    by_age_.erase(entry->second.place);
    entries_.erase(entry);
}

} // namespace parley::auth
