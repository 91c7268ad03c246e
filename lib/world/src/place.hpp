// A value in a world file, and the way to it.
#pragma once

#include "parley/core/json.hpp"
#include "parley/world/world.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace parley::world
{

// Cheap to make for every value, since the way is spelled out only when there is something to complain about. Holds a pointer to
// the place around it, which must outlive it.
class Place
{
  public:
    explicit Place(json::Value root) : value_(root) {}
    Place(json::Value value, Place const& parent, std::string_view key)
        : value_(value), parent_(&parent), key_(key), is_member_(true)
    {
    }
    Place(json::Value value, Place const& parent, std::size_t index) : value_(value), parent_(&parent), index_(index) {}

    [[nodiscard]] json::Value value() const noexcept { return value_; }

    // "$.sessions[3].tags[0]"
    [[nodiscard]] std::string path() const;

    [[noreturn]] void refuse(std::string const& reason) const { throw Invalid(path(), reason); }

    // The value as what it must be; refuses everything else.
    [[nodiscard]] std::string text() const;            // Without U+0000 and lone surrogates.
    [[nodiscard]] std::string text_of_visible() const; // And not blank.
    [[nodiscard]] bool boolean() const;
    [[nodiscard]] std::int64_t integer(std::int64_t least, std::int64_t greatest) const;
    [[nodiscard]] Timestamp moment() const;
    [[nodiscard]] Uuid uuid() const;
    [[nodiscard]] Sha256 digest() const; // 64 hexadecimal digits.
    [[nodiscard]] std::vector<std::string> texts() const;
    [[nodiscard]] std::string compact_json() const; // Any value, if it can be stored.

    // Calls visit(Place) for every element of a list.
    template <class Visit>
    void each(Visit visit) const
    {
        if (!value_.is_array()) refuse("must be a list, not " + std::string(value_.type_word()));
        std::size_t index = 0;
        for (auto const element : value_)
            visit(Place(element, *this, index++));
    }

  private:
    json::Value value_;
    Place const* parent_ = nullptr;
    std::string_view key_;
    std::size_t index_ = 0;
    bool is_member_ = false;
};

// The members of an object. Each is asked for once; what nobody asked for is unknown.
class Members
{
  public:
    // Refuses what is not an object, and a key that stands twice.
    explicit Members(Place const& place);

    // Refuses when it is missing.
    [[nodiscard]] Place required(std::string_view key);
    // Nothing when it is missing.
    [[nodiscard]] std::optional<Place> optional(std::string_view key);
    // Nothing when it is missing or null.
    [[nodiscard]] std::optional<Place> present(std::string_view key);
    // Nothing when it is null; refuses when it is missing.
    [[nodiscard]] std::optional<Place> nullable(std::string_view key);

    // Whatever it is.
    void skip(std::string_view key) { static_cast<void>(optional(key)); }

    // Exactly one of the two, say key and key_sha256.
    struct Choice
    {
        Place place;
        bool is_first;
    };
    [[nodiscard]] Choice either(std::string_view first, std::string_view second);

    // Refuses when there is a key that nobody asked for.
    void finish() const;

    [[nodiscard]] Place const& place() const noexcept { return place_; }

  private:
    struct Member
    {
        std::string_view key;
        json::Value value;
        bool is_known;
    };
    Place const& place_;
    std::vector<Member> members_;
};

} // namespace parley::world
