#include "parley/http/connection_counts.hpp"

namespace parley::http
{

ConnectionCounts::Key ConnectionCounts::key_of(boost::asio::ip::address const& peer) noexcept
{
    if (peer.is_v4()) return peer.to_v4().to_uint();
    auto const bytes = peer.to_v6().to_bytes();
    Key key = 0;
    for (std::size_t i = 0; i < sizeof key; ++i)
        key = key << 8 | bytes[i];
    return key;
}

ConnectionCounts::Shelf& ConnectionCounts::shelf_of(Key key) noexcept
{
    return shelves_[(key * 0x9e3779b97f4a7c15U) >> 60]; // The upper bits of a multiplicative hash: 16 shelves.
}

ConnectionCounts::Entry ConnectionCounts::enter(boost::asio::ip::address const& peer)
{
    if (open_.fetch_add(1, std::memory_order_relaxed) >= settings_.connections_max)
    {
        open_.fetch_sub(1, std::memory_order_relaxed);
        return Entry::process_limit;
    }
    if (settings_.connections_per_address_max == 0) return Entry::admitted;
    auto const key = key_of(peer);
    auto& shelf = shelf_of(key);
    std::lock_guard const lock(shelf.mutex);
    auto const place = shelf.counts.try_emplace(key, 0).first;
    if (place->second < settings_.connections_per_address_max)
    {
        ++place->second;
        return Entry::admitted;
    }
    open_.fetch_sub(1, std::memory_order_relaxed);
    return Entry::address_limit;
}

void ConnectionCounts::leave(boost::asio::ip::address const& peer) noexcept
{
    open_.fetch_sub(1, std::memory_order_relaxed);
    if (settings_.connections_per_address_max == 0) return;
    auto const key = key_of(peer);
    auto& shelf = shelf_of(key);
    std::lock_guard const lock(shelf.mutex);
    auto const place = shelf.counts.find(key);
    if (place != shelf.counts.end() && --place->second == 0) shelf.counts.erase(place);
}

} // namespace parley::http
