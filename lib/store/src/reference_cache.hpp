// What hardly changes and every answer needs: chatbots, and the ids of user tags. Each lane has a copy of its own and takes no
// lock for it.
#pragma once

#include "parameters.hpp"
#include "parley/domain/session.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace parley::store
{

// Tells all lanes of this process when to forget. Nothing is kept beyond one batch while the LISTEN connection is down, since
// then nobody would tell us of a change.
class ReferenceEpoch
{
  public:
    void forget() noexcept { epoch_.fetch_add(1, std::memory_order_acq_rel); }
    void trust(bool trusted) noexcept
    {
        is_trusted_.store(trusted, std::memory_order_release);
        forget();
    }
    [[nodiscard]] std::uint64_t current() const noexcept { return epoch_.load(std::memory_order_acquire); }
    [[nodiscard]] bool is_trusted() const noexcept { return is_trusted_.load(std::memory_order_acquire); }

  private:
    std::atomic<std::uint64_t> epoch_{1};
    std::atomic<bool> is_trusted_{false};
};

class ReferenceCache
{
  public:
    explicit ReferenceCache(ReferenceEpoch const& epoch) : epoch_(epoch) {}

    // Before each batch: forgets what may have changed. What is read during the batch belongs to the epoch of its beginning, so
    // that a change meanwhile makes the next batch forget it.
    void begin_batch()
    {
        auto const current = epoch_.current();
        if (current == seen_ && epoch_.is_trusted() && experiments_.size() + tags_.size() < entries_max) return;
        experiments_.clear();
        tags_.clear();
        seen_ = current;
    }

    using ExperimentPtr = std::shared_ptr<domain::Experiment const>;

    // Views stay good until the next batch begins. Null: not known.
    [[nodiscard]] ExperimentPtr const* find_experiment(std::array<std::uint8_t, 16> const& id) const
    {
        auto const found = experiments_.find(id);
        return found == experiments_.end() ? nullptr : &found->second;
    }
    [[nodiscard]] ExperimentPtr find_experiment(Uuid const& id) const
    {
        auto const* found = find_experiment(to_bytes(id));
        return found ? *found : nullptr;
    }
    void add_experiment(ExperimentPtr experiment)
    {
        auto const id = to_bytes(experiment->id);
        experiments_.insert_or_assign(id, std::move(experiment));
    }

    // A team's tag of this name without category that users may attach. 0: not known.
    [[nodiscard]] std::int64_t find_tag(domain::TeamId team, std::string_view name) const
    {
        auto const found = tags_.find(tag_key(team, name));
        return found == tags_.end() ? 0 : found->second;
    }
    void add_tag(domain::TeamId team, std::string_view name, std::int64_t id) { tags_.insert_or_assign(tag_key(team, name), id); }

  private:
    struct TextHash
    {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
    };
    // Every UUID is random somewhere, if not always in the same half.
    struct UuidHash
    {
        std::size_t operator()(std::array<std::uint8_t, 16> const& id) const noexcept
        {
            std::uint64_t halves[2];
            std::memcpy(halves, id.data(), sizeof halves);
            return halves[0] * 0x9E37'79B9'7F4A'7C15U ^ halves[1];
        }
    };
    static std::string tag_key(domain::TeamId team, std::string_view name)
    {
        return std::to_string(team).append(1, ' ').append(name);
    }

    static constexpr std::size_t entries_max = 100'000;

    ReferenceEpoch const& epoch_;
    std::uint64_t seen_ = 0;
    std::unordered_map<std::array<std::uint8_t, 16>, ExperimentPtr, UuidHash> experiments_;
    std::unordered_map<std::string, std::int64_t, TextHash, std::equal_to<>> tags_;
};

} // namespace parley::store
