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
#include <string>
#include <string_view>

namespace parley::oauth
{

// A new key (RSA, 2048 bits); its kid is the thumbprint of its public half. Takes a tenth of a second and more.
[[nodiscard]] SigningKey make_signing_key(Timestamp now);

struct SigningKeysSettings
{
    // How long a new key is only published: clients that keep the key set for a while must have seen it before it signs. Longer
    // than the max-age with which the key set is served (five minutes). The very first key signs at once.
    std::chrono::seconds published_before_signing{15 * 60};
    std::chrono::seconds lifetime_of_look_up{10}; // How long a look-up is believed without a NOTIFY.
};

// Thread-safe. Every active key is published; the newest that has been published long enough signs.
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
