// admit: fixed windows aligned to the epoch, decided here and now, shared with the other replicas in the background.
#pragma once

#include "parley/auth/principal.hpp"
#include "parley/core/clock.hpp"
#include "parley/core/result.hpp"
#include "parley/telemetry/telemetry.hpp"

#include <boost/asio/ip/address.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace parley::rate_limit
{

enum class Scope : std::uint8_t
{
    api,         // Per team: all its keys and tokens together.
    credentials, // Per client address: failed credentials and calls of the token endpoints. Per account: wrong passwords.
    chat_api,    // Per chat session, else channel, else address.
};
[[nodiscard]] std::string_view name_of(Scope scope) noexcept;

// "2000/5m": so many requests in each window. Windows: s, m, h, d with an optional number before.
struct Limit
{
    std::int64_t requests = 0;
    std::chrono::seconds window{1};
    friend bool operator==(Limit const&, Limit const&) = default;
};
// Nothing unless the text is a positive number, '/', a window of 1 s to 1 d.
[[nodiscard]] std::optional<Limit> parse_limit(std::string_view text) noexcept;
[[nodiscard]] std::string to_text(Limit const& limit);

struct LimiterSettings
{
    Limit api{2000, std::chrono::minutes{5}};
    Limit credentials{100, std::chrono::minutes{5}};
    Limit chat_api{300, std::chrono::minutes{5}};
    bool enforce = true; // false: count, answer the fields, log, and let pass.
    // How often counts are exchanged: the overshoot of N replicas is what they take in in this time.
    std::chrono::milliseconds share_interval{100};
    std::size_t identities_max = 100'000; // Windows kept in memory; beyond it the scope credentials refuses and the others admit.
};

// What the answer says of the window: X-RateLimit-Limit, -Remaining, -Reset (seconds).
struct Standing
{
    std::int64_t limit = 0;
    std::int64_t remaining = 0;
    std::int64_t reset = 0; // Seconds until the window ends, at least 1.
    bool is_refused = false;
};

// X-RateLimit-Limit, -Remaining and -Reset.
void append_fields(std::string& fields, Standing const& standing);

// What is answered where the standing is a refusal: rate_exceeded.
[[nodiscard]] Problem over_the_limit(Standing const& standing);

// One row of what replicas tell each other.
struct CountDelta
{
    Scope scope{};
    std::string identity;
    std::int64_t window_start = 0; // Seconds since the epoch.
    std::int64_t window_seconds = 0;
    std::int64_t count = 0;
};

// The port that shares counts between replicas. Implemented by store::PgCountStore. Called on the background thread only;
// blocking.
class CountStore
{
  public:
    virtual ~CountStore() = default;
    // Adds the deltas to the shared counts and returns, for the same identities and windows, the sum over all replicas.
    // One statement for all. Problems: store_unavailable.
    virtual Result<std::vector<CountDelta>> exchange(std::vector<CountDelta> const& deltas) = 0;
};

// Thread-safe; a decision takes one short lock of one shard and no I/O.
class Limiter
{
  public:
    Limiter(Clock const& clock, telemetry::Telemetry& telemetry, LimiterSettings settings);
    ~Limiter();

    // Counts one request of this team, or of this client address, and says where it stands. is_refused only with enforcement on.
    [[nodiscard]] Standing admit_team(auth::Team const& team);
    [[nodiscard]] Standing count_credentials(boost::asio::ip::address const& client);
    // One wrong password or secret of this account ("user:ann@example.org"), whatever address it came from. Counted under a
    // digest of the name: guessers choose it, so it may be long, and the shared counts shall hold no e-mail.
    [[nodiscard]] Standing count_account(std::string_view account);
    // One request to the chat of this session, else channel, else address: whatever tells it from others.
    [[nodiscard]] Standing count_chat(std::string_view identity);
    // Whether the address, or the account, has already used up its window of credentials, without counting. An identity that
    // could not be counted, because identities_max others are, stands as refused.
    [[nodiscard]] Standing standing_of_credentials(boost::asio::ip::address const& client);
    [[nodiscard]] Standing standing_of_account(std::string_view account);

    // One round of sharing; the background thread calls it every share_interval. If the store fails, counting goes on locally.
    void exchange(CountStore& store);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

// The client's address with N trusted proxy hops: the connection's, or the N-th from the right of X-Forwarded-For where that is
// an address (with more hops than entries, the leftmost). (API behaviour, 8.)
[[nodiscard]] boost::asio::ip::address client_address(http::Request const& request, int trusted_proxy_hops);

// What the trusted proxy N hops away wrote into a list field such as X-Forwarded-Proto: the N-th entry from the right over all
// fields of that name, the leftmost where there are fewer; empty where there is none, or no hop is trusted.
[[nodiscard]] std::string_view forwarded_entry(http::Request const& request, std::string_view field_name,
                                               int trusted_proxy_hops) noexcept;

// The identity under which an address is counted: IPv4 whole, IPv6 by its /64, IPv4-mapped as IPv4.
[[nodiscard]] std::string identity_of(boost::asio::ip::address const& address);

} // namespace parley::rate_limit
