// The port through which guesses are counted. Given by the composition root, which has the limiter.
#pragma once

#include <boost/asio/ip/address.hpp>

#include <cstdint>
#include <string_view>

namespace parley::oauth
{

// Where a window stands.
struct WindowStanding
{
    bool is_refused = false;        // The window is used up (with enforcement on), or counting is impossible: no further guess.
    std::int64_t reset_seconds = 1; // Until it ends.
};

// The window "credentials" of an address and of an account ("user:ann@example.org", "client:abc"). Thread-safe, quick, no I/O.
class CredentialWindow
{
  public:
    virtual ~CredentialWindow() = default;

    // Without counting.
    [[nodiscard]] virtual WindowStanding look_at_address(boost::asio::ip::address const& client) = 0;
    [[nodiscard]] virtual WindowStanding look_at_account(std::string_view account) = 0;

    // Counts one failure. The pipeline counts each call of the token endpoints per address by itself.
    virtual void count_address(boost::asio::ip::address const& client) = 0;
    virtual void count_account(std::string_view account) = 0;
};

} // namespace parley::oauth
