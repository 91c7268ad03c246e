// How many connections there are, in the process and by address.
#pragma once

#include "parley/http/settings.hpp"

#include <boost/asio/ip/address.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>

namespace parley::http
{

// Shared by all listeners of the process. Thread-safe; called once at the beginning and once at the end of a connection.
class ConnectionCounts
{
  public:
    explicit ConnectionCounts(ConnectionCountsSettings const& settings) : settings_(settings) {}

    enum class Entry : std::uint8_t
    {
        admitted,      // Counted: leave() must follow.
        process_limit, // Not counted.
        address_limit, // Not counted.
    };

    [[nodiscard]] Entry enter(boost::asio::ip::address const& peer);
    void leave(boost::asio::ip::address const& peer) noexcept;

    [[nodiscard]] std::size_t open() const noexcept { return open_.load(std::memory_order_relaxed); }

  private:
    // An IPv4 address, or the /64 of an IPv6 address: one subscriber usually has a whole one.
    using Key = std::uint64_t;
    [[nodiscard]] static Key key_of(boost::asio::ip::address const& peer) noexcept;

    struct Shelf
    {
        std::mutex mutex;
        std::unordered_map<Key, std::size_t> counts; // Owned by mutex. Entries of zero are taken out.
    };
    [[nodiscard]] Shelf& shelf_of(Key key) noexcept;

    ConnectionCountsSettings settings_;
    std::atomic<std::size_t> open_ = 0;
    std::array<Shelf, 16> shelves_; // So that the I/O threads seldom meet at one mutex.
};

} // namespace parley::http
