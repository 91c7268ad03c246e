#include "parley/domain/session.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace parley::domain
{

namespace
{

// In the order of the enumerators.
constexpr std::array<std::string_view, 6> status_words{"setup", "pending", "active", "pending-review", "complete", "unknown"};
constexpr std::array<std::string_view, 3> role_words{"user", "assistant", "system"};

template <class Enum, std::size_t N>
std::optional<Enum> find_word(std::array<std::string_view, N> const& words, std::string_view word) noexcept
{
    auto const found = std::find(words.begin(), words.end(), word);
    if (found == words.end()) return std::nullopt;
    return static_cast<Enum>(found - words.begin());
}

} // namespace

std::string_view to_word(Status status) noexcept
{
    auto const at = static_cast<std::size_t>(status);
    // A number that a later release wrote into the database is no reason to fail.
    return at < status_words.size() ? status_words[at] : status_words.back();
}

std::optional<Status> status_from_word(std::string_view word) noexcept
{
    return find_word<Status>(status_words, word);
}

std::string_view to_word(Role role) noexcept
{
    auto const at = static_cast<std::size_t>(role);
    return at < role_words.size() ? role_words[at] : role_words.back();
}

std::optional<Role> role_from_word(std::string_view word) noexcept
{
    return find_word<Role>(role_words, word);
}

} // namespace parley::domain
