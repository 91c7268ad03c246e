// The keys that sign ID tokens: several at a time, so that they rotate without one failed check.
#pragma once

#include "parley/core/clock.hpp"
#include "parley/core/result.hpp"
#include "parley/oauth/oauth_store.hpp"
#include "parley/oauth/password_workers.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace parley::oauth
{

// A new RSA key; its kid is the thumbprint of its public half (RFC 7638). bits: 2048 to 8192. Takes a tenth of a second and more.
// Throws std::runtime_error when there are no random bytes.
[[nodiscard]] SigningKey make_signing_key(Timestamp now, int bits = 2048);

// A key that was made elsewhere: PEM, unencrypted. Nothing where it is no RSA key of 2048 bits or more.
[[nodiscard]] std::optional<SigningKey> read_signing_key(std::string_view pem, Timestamp now);

struct SigningKeysSettings
{
    // How long a new key is only published: clients that keep the key set for a while must have seen it before it signs. Longer
    // than the max-age with which the key set is served (five minutes). The very first key signs at once.
    std::chrono::seconds published_before_signing{15 * 60};
    // How long a retired key is still published: a day, which is the longest that an ID token can be set to live, and five
    // minutes for clocks that differ.
    std::chrono::seconds published_after_retirement{86'400 + 5 * 60};
    std::chrono::seconds lifetime_of_look_up{10}; // How long a look-up is believed without a NOTIFY.
};

// Thread-safe. Every active key is published, and for a while those that were retired; of the active ones the newest that has
// been published long enough signs.
class SigningKeys
{
  public:
    SigningKeys(OAuthStore& store, PasswordWorkers& workers, Clock const& clock, SigningKeysSettings settings);
    ~SigningKeys();

    // The token with these claims (a JSON object), signed. Makes the first key where there is none. Problems of the store.
    boost::asio::awaitable<Result<std::string>> sign(std::string claims, Deadline deadline);

    // {"keys":[...]}: what is published.
    boost::asio::awaitable<Result<std::string>> key_set(Deadline deadline);

    // Look the keys up again before they are used next. Any thread.
    void forget() noexcept;

  private:
    struct Ring;
    boost::asio::awaitable<Result<std::shared_ptr<Ring const>>> current(Deadline deadline);
    boost::asio::awaitable<Result<std::vector<SigningKey>>> load(Deadline deadline);

    OAuthStore& store_;
    PasswordWorkers& workers_;
    Clock const& clock_;
    SigningKeysSettings const settings_;
    std::mutex mutex_;                 // Of the two below.
    std::shared_ptr<Ring const> ring_; // Null: never loaded.
    std::chrono::steady_clock::time_point fresh_until_{};
};

} // namespace parley::oauth
