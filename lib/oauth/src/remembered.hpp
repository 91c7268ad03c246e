// What is remembered for a short time, so that a machine's token costs one statement and no password hash.
#pragma once

#include "parley/core/clock.hpp"
#include "parley/core/identifier.hpp"
#include "parley/oauth/oauth_store.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace parley::oauth
{

using ApplicationPtr = std::shared_ptr<Application const>; // Null: there is none.

// Applications by client id. Thread-safe. Unknown ones are not remembered: anybody can name a million of them.
class RememberedApplications
{
  public:
    explicit RememberedApplications(std::chrono::seconds lifetime) : lifetime_(lifetime) {}

    boost::asio::awaitable<Result<ApplicationPtr>> find(OAuthStore& store, std::string client_id, Deadline deadline);
    void forget() noexcept;

  private:
    struct Entry
    {
        ApplicationPtr application;
        std::chrono::steady_clock::time_point until;
    };
    std::chrono::seconds const lifetime_;
    std::mutex mutex_; // Of the two below.
    std::unordered_map<std::string, Entry> entries_;
    std::uint64_t generation_ = 0; // Counts the forgetting: a look-up that began before is not kept.
};

// Secrets that were right, by a digest over secret and stored hash: a changed hash is another key. Thread-safe.
class RememberedSecrets
{
  public:
    explicit RememberedSecrets(std::chrono::seconds lifetime) : lifetime_(lifetime) {}

    [[nodiscard]] bool knows(std::string_view secret, std::string_view hash);
    void remember(std::string_view secret, std::string_view hash);

  private:
    std::chrono::seconds const lifetime_;
    std::mutex mutex_; // Of the entries.
    std::unordered_map<Sha256, std::chrono::steady_clock::time_point> entries_;
};

} // namespace parley::oauth
