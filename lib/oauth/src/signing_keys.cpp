#include "parley/oauth/signing_keys.hpp"

#include "jwt.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace parley::oauth
{

namespace asio = boost::asio;

SigningKey make_signing_key(Timestamp now, int bits)
{
    auto const key = RsaKey::generate(bits);
    return {.kid = key.kid(), .private_pem = key.to_pem(), .created_at = now};
}

std::optional<SigningKey> read_signing_key(std::string_view pem, Timestamp now)
{
    auto const key = RsaKey::from_pem(pem);
    if (!key) return std::nullopt;
    return SigningKey{.kid = key->kid(), .private_pem = key->to_pem(), .created_at = now};
}

namespace
{

bool has_active_key(std::vector<SigningKey> const& keys)
{
    return std::ranges::any_of(keys, [](SigningKey const& key) { return !key.retired_at; });
}

} // namespace

// The keys, oldest first, ready for use.
struct SigningKeys::Ring
{
    struct Entry
    {
        RsaKey key;
        Timestamp created_at;
        std::optional<Timestamp> retired_at;
    };
    std::vector<Entry> entries;

    explicit Ring(std::vector<SigningKey> const& keys)
    {
        for (SigningKey const& one : keys)
        {
            if (auto key = RsaKey::from_pem(one.private_pem))
                entries.push_back({std::move(*key), one.created_at, one.retired_at});
        }
    }

    // The newest that every client has had time to see; while there is none, the oldest.
    [[nodiscard]] RsaKey const* signer(Timestamp now, std::chrono::seconds published_before_signing) const noexcept
    {
        RsaKey const* chosen = nullptr;
        for (Entry const& entry : entries)
        {
            if (entry.retired_at) continue;
            if (chosen == nullptr || entry.created_at + published_before_signing <= now) chosen = &entry.key;
        }
        return chosen;
    }

    [[nodiscard]] std::string published(Timestamp now, std::chrono::seconds published_after_retirement) const
    {
        std::string set = "{\"keys\":[";
        for (Entry const& entry : entries)
        {
            if (entry.retired_at && *entry.retired_at + published_after_retirement <= now) continue;
            set.append(set.ends_with('[') ? "" : ",").append(entry.key.jwk());
        }
        return set.append("]}");
    }
};

SigningKeys::SigningKeys(OAuthStore& store, PasswordWorkers& workers, Clock const& clock, SigningKeysSettings settings)
    : store_(store), workers_(workers), clock_(clock), settings_(settings)
{
}

SigningKeys::~SigningKeys() = default;

asio::awaitable<Result<std::vector<SigningKey>>> SigningKeys::load(Deadline deadline)
{
    auto keys = co_await store_.list_signing_keys(deadline);
    if (!keys || has_active_key(*keys)) co_return keys;
    // The first use of this installation. Several replicas may make a key each; the store keeps one of them.
    auto made = std::make_shared<SigningKey>();
    std::function<void()> make = [made, now = clock_.now()]
    {
        try
        {
            *made = make_signing_key(now);
        }
        catch (std::exception const&)
        {
            made->kid.clear(); // No random bytes: said below.
        }
    };
    auto const ran = co_await workers_.run(std::move(make), deadline);
    if (!ran) co_return ran.error();
    if (made->kid.empty()) co_return Problem{ProblemCode::internal};
    co_return co_await store_.add_first_signing_key(std::move(*made), deadline);
}

asio::awaitable<Result<std::shared_ptr<SigningKeys::Ring const>>> SigningKeys::current(Deadline deadline)
{
    auto const now = std::chrono::steady_clock::now();
    {
        std::lock_guard const lock(mutex_);
        if (ring_ && now < fresh_until_) co_return ring_;
        if (ring_) fresh_until_ = now + std::chrono::seconds(1); // The others go on with what there is while this one looks.
    }
    auto const keys = co_await load(deadline);
    std::lock_guard const lock(mutex_);
    if (!keys)
    {
        if (ring_) co_return ring_; // The database is away; keys live long.
        co_return keys.error();
    }
    ring_ = std::make_shared<Ring const>(*keys);
    fresh_until_ = now + settings_.lifetime_of_look_up;
    co_return ring_;
}

asio::awaitable<Result<std::string>> SigningKeys::sign(std::string claims, Deadline deadline)
{
    auto const ring = co_await current(deadline);
    if (!ring) co_return ring.error();
    auto const* const key = (*ring)->signer(clock_.now(), settings_.published_before_signing);
    if (key == nullptr) co_return Problem{ProblemCode::internal};
    co_return key->sign(claims);
}

asio::awaitable<Result<std::string>> SigningKeys::key_set(Deadline deadline)
{
    auto const ring = co_await current(deadline);
    if (!ring) co_return ring.error();
    co_return (*ring)->published(clock_.now(), settings_.published_after_retirement);
}

void SigningKeys::forget() noexcept
{
    std::lock_guard const lock(mutex_);
    fresh_until_ = {};
}

} // namespace parley::oauth
