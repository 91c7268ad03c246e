// The children of a metric family, found without building a string or taking a lock.
#pragma once

#include <prometheus/family.h>
#include <prometheus/histogram.h>

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace parley::telemetry
{

// prometheus::Family::Add builds a map of strings under a mutex: too dear for every request. Here each combination of label
// values asks it once; afterwards it is found by hash in a fixed table of immutable entries. Thread-safe.
template <class Metric, std::size_t Labels>
class Children
{
  public:
    using Names = std::array<std::string_view, Labels>;
    using Values = std::array<std::string_view, Labels>;

    Children(prometheus::Family<Metric>& family, Names names, std::vector<double> buckets = {})
        : family_(family), names_(names), buckets_(std::move(buckets))
    {
    }

    // The child with these values. When children_max are there, the values of a new one are all counted under "other": a mistake
    // that lets unbounded values in must not fill the memory.
    [[nodiscard]] Metric& of(Values const& values)
    {
        auto const hash = hash_of(values);
        if (auto const* child = find(values, hash)) return *child->metric;
        return insert(values, hash);
    }

  private:
    static constexpr std::size_t slots = 1024;
    static constexpr std::size_t children_max = 512;

    struct Child
    {
        std::array<std::string, Labels> values;
        Metric* metric = nullptr;
    };

    [[nodiscard]] static std::size_t hash_of(Values const& values) noexcept
    {
        std::size_t hash = 14695981039346656037U; // FNV-1a.
        for (auto const value : values)
        {
            for (unsigned char const c : value)
                hash = (hash ^ c) * 1099511628211U;
            hash = (hash ^ 0xffU) * 1099511628211U;
        }
        return hash;
    }

    [[nodiscard]] Child const* find(Values const& values, std::size_t hash) const noexcept
    {
        for (std::size_t probe = 0; probe < slots; ++probe)
        {
            auto const* child = table_[(hash + probe) % slots].load(std::memory_order_acquire);
            if (child == nullptr) return nullptr;
            bool equal = true;
            for (std::size_t i = 0; i < Labels && equal; ++i)
                equal = child->values[i] == values[i];
            if (equal) return child;
        }
        return nullptr;
    }

    [[nodiscard]] Metric& insert(Values const& values, std::size_t hash)
    {
        std::lock_guard const lock(mutex_);
        if (auto const* child = find(values, hash)) return *child->metric;
        if (owned_.size() >= children_max)
        {
            Values other;
            other.fill("other");
            return add(other);
        }
        auto child = std::make_unique<Child>();
        for (std::size_t i = 0; i < Labels; ++i)
            child->values[i] = std::string(values[i]);
        child->metric = &add(values);
        auto slot = hash;
        while (table_[slot % slots].load(std::memory_order_relaxed) != nullptr)
            ++slot;
        table_[slot % slots].store(child.get(), std::memory_order_release);
        owned_.push_back(std::move(child));
        return *owned_.back()->metric;
    }

    [[nodiscard]] Metric& add(Values const& values)
    {
        prometheus::Labels labels;
        for (std::size_t i = 0; i < Labels; ++i)
            labels.emplace(names_[i], values[i]);
        if constexpr (std::is_same_v<Metric, prometheus::Histogram>)
            return family_.Add(labels, buckets_);
        else
            return family_.Add(labels);
    }

    prometheus::Family<Metric>& family_;
    Names names_;
    std::vector<double> buckets_;
    std::array<std::atomic<Child const*>, slots> table_{};
    std::mutex mutex_;                          // Guards owned_ and insertion into table_.
    std::vector<std::unique_ptr<Child>> owned_; // At most children_max.
};

} // namespace parley::telemetry
