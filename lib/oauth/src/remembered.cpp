#include "remembered.hpp"

namespace parley::oauth
{

namespace
{

constexpr std::size_t entries_max = 1000; // Beyond it everything is forgotten: simple, and rare.

Sha256 key_of(std::string_view secret, std::string_view hash)
{
    // The hash holds no NUL, so the pair is read in one way only.
    return sha256(std::string(hash) + '\0' + std::string(secret));
}

} // namespace

boost::asio::awaitable<Result<ApplicationPtr>> RememberedApplications::find(OAuthStore& store, std::string client_id,
                                                                            Deadline deadline)
{
    auto const now = std::chrono::steady_clock::now();
    std::uint64_t generation = 0;
    {
        std::lock_guard const lock(mutex_);
        generation = generation_;
        auto const found = entries_.find(client_id);
        if (found != entries_.end() && now < found->second.until) co_return found->second.application;
    }
    auto looked_up = co_await store.find_application(client_id, deadline);
    if (!looked_up) co_return looked_up.error();
    if (!*looked_up) co_return ApplicationPtr();
    auto application = std::make_shared<Application const>(std::move(**looked_up));
    std::lock_guard const lock(mutex_);
    if (generation != generation_) co_return application;
    if (entries_.size() >= entries_max) entries_.clear();
    entries_.insert_or_assign(std::move(client_id), Entry{.application = application, .until = now + lifetime_});
    co_return application;
}

void RememberedApplications::forget() noexcept
{
    std::lock_guard const lock(mutex_);
    entries_.clear();
    ++generation_;
}

bool RememberedSecrets::knows(std::string_view secret, std::string_view hash)
{
    auto const key = key_of(secret, hash);
    std::lock_guard const lock(mutex_);
    auto const found = entries_.find(key);
    return found != entries_.end() && std::chrono::steady_clock::now() < found->second;
}

void RememberedSecrets::remember(std::string_view secret, std::string_view hash)
{
    auto const key = key_of(secret, hash);
    std::lock_guard const lock(mutex_);
    if (entries_.size() >= entries_max) entries_.clear();
    entries_.insert_or_assign(key, std::chrono::steady_clock::now() + lifetime_);
}

} // namespace parley::oauth
