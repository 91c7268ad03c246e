#include "parley/rate_limit/limiter.hpp"

#include "fixed_window.hpp"

#include "parley/core/identifier.hpp"
#include "parley/core/text.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

namespace parley::rate_limit
{

namespace
{

constexpr std::size_t shard_count = 16;
constexpr std::size_t deltas_per_exchange_max = 5'000; // The rest goes with the next round, a tenth of a second later.

std::string_view outcome_name(Outcome outcome) noexcept
{
    switch (outcome)
    {
    case Outcome::admitted:
        return "admitted";
    case Outcome::refused:
        return "refused";
    case Outcome::over_but_not_enforced:
        return "over_but_not_enforced";
    }
    return "unknown";
}

struct TextHash
{
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
};

// The scope's digit before the identity: one map for all scopes.
std::string key_of(Scope scope, std::string_view identity)
{
    std::string key;
    key.reserve(identity.size() + 1);
    key.push_back(static_cast<char>('0' + static_cast<int>(scope)));
    key.append(identity);
    return key;
}

std::string account_key(std::string_view account)
{
    return key_of(Scope::credentials, "account:" + to_hex(sha256(account)));
}

void append_number_field(std::string& fields, std::string_view name, std::int64_t value)
{
    fields.append(name).append(": ");
    append_number(fields, value);
    fields.append("\r\n");
}

using Windows = std::unordered_map<std::string, FixedWindow, TextHash, std::equal_to<>>;

struct Shard
{
    std::mutex mutex; // Guards the rest.
    Windows windows;
    std::int64_t swept_at = 0; // Seconds since the epoch.
};

} // namespace

struct Limiter::Impl
{
    Impl(Clock const& clock_, telemetry::Telemetry& telemetry_, LimiterSettings settings_)
        : clock(clock_), telemetry(telemetry_), settings(settings_)
    {
    }

    [[nodiscard]] Shard& shard_of(std::string_view key) { return shards[TextHash{}(key) % shard_count]; }

    Standing count_one(Scope scope, std::string key, Limit const& limit);
    [[nodiscard]] Standing look_at_credentials(std::string const& key);
    FixedWindow* find_or_add(Shard& shard, std::string&& key, Timestamp now);
    [[nodiscard]] Decision decide_without_window(Scope scope, Limit const& limit, Timestamp now) const;
    void sweep(Shard& shard, Timestamp now);

    [[nodiscard]] std::vector<CountDelta> collect(Timestamp now);
    void take_in_sums(std::vector<CountDelta> const& sent, std::vector<CountDelta> const& sums);
    void report_sharing(std::optional<ProblemCode> failure);

    Clock const& clock;
    telemetry::Telemetry& telemetry;
    LimiterSettings settings;
    std::array<Shard, shard_count> shards;
    std::atomic<std::size_t> windows{0}; // Over all shards; a bound, so a little off is fine.

    // The background thread's own.
    std::size_t first_shard = 0; // Where the next round begins, so that a full round starves nobody.
    bool is_sharing = true;
};

// Windows that are over count nothing any more. At most once a second, since it walks the shard.
void Limiter::Impl::sweep(Shard& shard, Timestamp now)
{
    auto const second = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
    if (second == shard.swept_at) return;
    shard.swept_at = second;
    windows -= std::erase_if(shard.windows, [now](auto const& entry) { return entry.second.is_over(now); });
}

// nullptr: there is no room for another identity.
FixedWindow* Limiter::Impl::find_or_add(Shard& shard, std::string&& key, Timestamp now)
{
    if (auto const found = shard.windows.find(key); found != shard.windows.end()) return &found->second;
    if (windows >= settings.identities_max) sweep(shard, now);
    if (windows >= settings.identities_max) return nullptr;
    ++windows;
    return &shard.windows.emplace(std::move(key), FixedWindow{}).first->second;
}

// More identities than memory was set aside for: guessing credentials must not become free, while teams are known and few.
Decision Limiter::Impl::decide_without_window(Scope scope, Limit const& limit, Timestamp now) const
{
    FixedWindow window;
    if (scope == Scope::credentials)
        window = {.start = window_start_of(now, limit.window), .seconds = limit.window.count(), .own = limit.requests};
    return count(window, limit, now, settings.enforce);
}

Standing Limiter::Impl::count_one(Scope scope, std::string key, Limit const& limit)
{
    auto const now = clock.now();
    Decision decision;
    {
        auto& shard = shard_of(key);
        std::lock_guard const lock(shard.mutex);
        auto* window = find_or_add(shard, std::move(key), now);
        decision = window != nullptr ? count(*window, limit, now, settings.enforce) : decide_without_window(scope, limit, now);
    }
    telemetry.observe(telemetry::RateDecided{name_of(scope), outcome_name(decision.outcome)});
    return decision.standing;
}

Standing Limiter::Impl::look_at_credentials(std::string const& key)
{
    auto const now = clock.now();
    auto& shard = shard_of(key);
    std::lock_guard const lock(shard.mutex);
    if (auto const found = shard.windows.find(key); found != shard.windows.end())
        return look(found->second, settings.credentials, now, settings.enforce).standing;
    if (windows >= settings.identities_max) sweep(shard, now);
    if (windows >= settings.identities_max) return decide_without_window(Scope::credentials, settings.credentials, now).standing;
    return look(FixedWindow{}, settings.credentials, now, settings.enforce).standing;
}

// What has been counted since the last round, with `count` the part not yet shared.
std::vector<CountDelta> Limiter::Impl::collect(Timestamp now)
{
    std::vector<CountDelta> deltas;
    first_shard = (first_shard + 1) % shard_count;
    for (std::size_t i = 0; i < shard_count; ++i)
    {
        auto& shard = shards[(first_shard + i) % shard_count];
        std::lock_guard const lock(shard.mutex);
        sweep(shard, now);
        for (auto const& [key, window] : shard.windows)
        {
            if (deltas.size() >= deltas_per_exchange_max) return deltas;
            if (window.unshared() == 0 || window.is_over(now)) continue;
            deltas.push_back({.scope = static_cast<Scope>(key.front() - '0'),
                              .identity = key.substr(1),
                              .window_start = window.start,
                              .window_seconds = window.seconds,
                              .count = window.unshared()});
        }
    }
    return deltas;
}

void Limiter::Impl::take_in_sums(std::vector<CountDelta> const& sent, std::vector<CountDelta> const& sums)
{
    std::unordered_map<std::string, std::int64_t> sent_counts;
    for (auto const& delta : sent)
        sent_counts.emplace(key_of(delta.scope, delta.identity), delta.count);
    for (auto const& sum : sums)
    {
        auto const key = key_of(sum.scope, sum.identity);
        auto const delta = sent_counts.find(key);
        if (delta == sent_counts.end()) continue;
        auto& shard = shard_of(key);
        std::lock_guard const lock(shard.mutex);
        auto const window = shard.windows.find(key);
        if (window == shard.windows.end() || window->second.start != sum.window_start ||
            window->second.seconds != sum.window_seconds)
            continue;
        take_in(window->second, sum.count, delta->second);
    }
}

// Every failed round is counted; the operator reads of the beginning and the end.
void Limiter::Impl::report_sharing(std::optional<ProblemCode> failure)
{
    if (failure) telemetry.observe(telemetry::RateSharingFailed{});
    bool const was_sharing = std::exchange(is_sharing, !failure.has_value());
    if (was_sharing == is_sharing) return;
    using Level = telemetry::Notice::Level;
    if (failure)
        telemetry.observe(telemetry::Notice{
            Level::warning, "rate counts are not shared with other replicas: " + std::string(parley::name_of(*failure)) +
                                "; counting goes on locally"});
    else
        telemetry.observe(telemetry::Notice{Level::info, "rate counts are shared with other replicas again"});
}

Limiter::Limiter(Clock const& clock, telemetry::Telemetry& telemetry, LimiterSettings settings)
    : impl_(std::make_unique<Impl>(clock, telemetry, settings))
{
}

Limiter::~Limiter() = default;

Standing Limiter::admit_team(auth::Team const& team)
{
    auto limit = impl_->settings.api;
    if (team.api_rate_limit) limit = parse_limit(*team.api_rate_limit).value_or(limit);
    return impl_->count_one(Scope::api, key_of(Scope::api, std::to_string(team.id)), limit); // Short: no allocation.
}

Standing Limiter::count_credentials(boost::asio::ip::address const& client)
{
    return impl_->count_one(Scope::credentials, key_of(Scope::credentials, identity_of(client)), impl_->settings.credentials);
}

Standing Limiter::count_account(std::string_view account)
{
    return impl_->count_one(Scope::credentials, account_key(account), impl_->settings.credentials);
}

Standing Limiter::count_chat(std::string_view identity)
{
    return impl_->count_one(Scope::chat_api, key_of(Scope::chat_api, identity), impl_->settings.chat_api);
}

Standing Limiter::standing_of_credentials(boost::asio::ip::address const& client)
{
    return impl_->look_at_credentials(key_of(Scope::credentials, identity_of(client)));
}

Standing Limiter::standing_of_account(std::string_view account)
{
    return impl_->look_at_credentials(account_key(account));
}

void Limiter::exchange(CountStore& store)
{
    auto const deltas = impl_->collect(impl_->clock.now());
    if (deltas.empty()) return;
    auto const sums = store.exchange(deltas);
    if (sums) impl_->take_in_sums(deltas, *sums);
    impl_->report_sharing(sums ? std::nullopt : std::optional(sums.error().code));
}

void append_fields(std::string& fields, Standing const& standing)
{
    append_number_field(fields, "X-RateLimit-Limit", standing.limit);
    append_number_field(fields, "X-RateLimit-Remaining", standing.remaining);
    append_number_field(fields, "X-RateLimit-Reset", standing.reset);
}

Problem over_the_limit(Standing const& standing)
{
    return {.code = ProblemCode::rate_exceeded, .retry_after = static_cast<int>(standing.reset)};
}

} // namespace parley::rate_limit
