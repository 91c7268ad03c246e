// Threads for what must be slow: password hashes. Bounded, so that a flood of logins costs logins only.
#pragma once

#include "parley/auth/password_hash.hpp"
#include "parley/core/clock.hpp"
#include "parley/core/result.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace parley::oauth
{

struct PasswordWorkersSettings
{
    int threads = 1; // Each keeps a core busy while there is work, and takes 19 MiB for it.
    std::size_t queue_max =
        100; // Waiting jobs; beyond it answers are store_overloaded at once. At 25 ms a job that is 2.5 s of waiting.
};

struct PasswordVerdict
{
    bool matches = false;
    std::string rehashed; // The hash to store in place of a stale one; else empty.
};

// Thread-safe. Jobs that wait at destruction are not done; their callers must be gone by then.
class PasswordWorkers
{
  public:
    explicit PasswordWorkers(PasswordWorkersSettings const& settings);
    ~PasswordWorkers();
    PasswordWorkers(PasswordWorkers const&) = delete;
    PasswordWorkers& operator=(PasswordWorkers const&) = delete;

    // Whether the password is the hash's. An empty hash (there is no such user, or one without a password) takes as long as a
    // wrong password and matches nothing. Problems: store_overloaded (the queue is full), deadline_passed (it waited too long).
    boost::asio::awaitable<Result<PasswordVerdict>> verify(std::string encoded, std::string password, Deadline deadline);

    // Runs any other slow work, which must not throw and owns what it uses. The same Problems.
    boost::asio::awaitable<Result<void>> run(std::function<void()> work, Deadline deadline);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace parley::oauth
