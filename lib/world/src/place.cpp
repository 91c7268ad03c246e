#include "place.hpp"

#include "parley/core/text.hpp"

#include <algorithm>
#include <charconv>

namespace parley::world
{

namespace
{

bool is_plain_key(std::string_view key)
{
    return !key.empty() &&
           std::ranges::all_of(key, [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c >= 0x80; });
}

} // namespace

std::string Place::path() const
{
    if (parent_ == nullptr) return "$";
    if (!is_member_) return parent_->path() + "[" + std::to_string(index_) + "]";
    return parent_->path() + (is_plain_key(key_) ? "." + std::string(key_) : "[" + json::to_string_literal(key_) + "]");
}

std::string Place::text() const
{
    if (!value_.is_string()) refuse("must be a text, not " + std::string(value_.type_word()));
    if (value_.has_lone_surrogate()) refuse("holds a lone surrogate, which is not a character");
    if (value_.text().find('\0') != std::string_view::npos) refuse("holds the character U+0000, which cannot be stored");
    return std::string(value_.text());
}

std::string Place::text_of_visible() const
{
    auto result = text();
    if (is_blank(result)) refuse("must not be blank");
    return result;
}

bool Place::boolean() const
{
    if (value_.kind() != json::Kind::boolean) refuse("must be true or false, not " + std::string(value_.type_word()));
    return value_.boolean();
}

std::int64_t Place::integer(std::int64_t least, std::int64_t greatest) const
{
    if (!value_.is_number() || !value_.is_integer()) refuse("must be a whole number, not " + std::string(value_.type_word()));
    std::int64_t result = 0;
    auto const spelling = value_.text();
    auto const [end, error] = std::from_chars(spelling.data(), spelling.data() + spelling.size(), result);
    if (error != std::errc() || result < least || result > greatest)
        refuse("must be from " + std::to_string(least) + " to " + std::to_string(greatest));
    return result;
}

Timestamp Place::moment() const
{
    auto const result = parse_timestamp(text());
    if (!result) refuse("must be a time such as 2026-01-01T00:00:00Z");
    return *result;
}

Uuid Place::uuid() const
{
    auto const result = Uuid::parse(text());
    if (!result) refuse("must be a UUID");
    return *result;
}

Sha256 Place::digest() const
{
    auto const result = sha256_from_hex(text());
    if (!result) refuse("must be a SHA-256: 64 hexadecimal digits");
    return *result;
}

std::vector<std::string> Place::texts() const
{
    std::vector<std::string> result;
    each([&](Place const& element) { result.push_back(element.text()); });
    return result;
}

std::string Place::compact_json() const
{
    switch (json::find_flaw(value_))
    {
    case json::Flaw::none:
        break;
    case json::Flaw::infinite_number:
        refuse("holds a number that is too large");
    case json::Flaw::nul_in_key:
        refuse("holds the character U+0000 in a key, which cannot be stored");
    case json::Flaw::lone_surrogate:
        refuse("holds a lone surrogate, which is not a character");
    }
    std::string result;
    json::append_compact(result, value_);
    return result;
}

Members::Members(Place const& place) : place_(place)
{
    auto const value = place.value();
    if (!value.is_object()) place.refuse("must be an object, not " + std::string(value.type_word()));
    members_.reserve(value.size());
    for (auto member = value.begin(); member != value.end(); ++member)
    {
        auto const stands_already = std::ranges::any_of(members_, [&](Member const& other) { return other.key == member.key(); });
        if (stands_already) Place(member.value(), place, member.key()).refuse("stands twice");
        members_.push_back({member.key(), member.value(), false});
    }
}

Place Members::required(std::string_view key)
{
    auto result = optional(key);
    if (!result) place_.refuse("\"" + std::string(key) + "\" is missing");
    return *result;
}

std::optional<Place> Members::optional(std::string_view key)
{
    auto const member = std::ranges::find(members_, key, &Member::key);
    if (member == members_.end()) return std::nullopt;
    member->is_known = true;
    return Place(member->value, place_, member->key);
}

std::optional<Place> Members::present(std::string_view key)
{
    auto result = optional(key);
    if (result && result->value().is_null()) result.reset();
    return result;
}

std::optional<Place> Members::nullable(std::string_view key)
{
    auto result = required(key);
    if (result.value().is_null()) return std::nullopt;
    return result;
}

Members::Choice Members::either(std::string_view first, std::string_view second)
{
    auto const plain = optional(first);
    auto const digest = optional(second);
    auto const both = "\"" + std::string(first) + "\" or \"" + std::string(second) + "\"";
    if (plain && digest) place_.refuse("either " + both + ", not both");
    if (!plain && !digest) place_.refuse(both + " is missing");
    return {plain ? *plain : *digest, plain.has_value()};
}

void Members::finish() const
{
    for (auto const& member : members_)
        if (!member.is_known) Place(member.value, place_, member.key).refuse("is unknown here");
}

} // namespace parley::world
