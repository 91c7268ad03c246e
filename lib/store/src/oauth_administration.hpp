// What the administrator's verbs on the authorization server share.
#pragma once

#include "parley/store/oauth_administration.hpp"

#include "administration_impl.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace parley::store
{

// The id of the one application that is meant, its row locked. Refused where there is none, or several of this name.
[[nodiscard]] std::int64_t find_application(Administration::Impl& impl, std::string const& application);

// A TokenSelection with its names looked up; 0 narrows nothing down.
struct SelectedTokens
{
    std::int64_t application_id = 0;
    std::int64_t user_id = 0;
    std::int64_t team_id = 0;
    std::int64_t spared_team_id = 0; // Not this one's.
};
[[nodiscard]] SelectedTokens look_up(Administration::Impl& impl, TokenSelection const& selection);

// Kills most of a selection in transactions of some thousand rows each, waiting for nobody, so that sweep has little left. Spares
// no team.
Revocation sweep_ahead(Administration::Impl& impl, SelectedTokens const& selected);
// Nobody redeems a code or a refresh token until the transaction ends. First of all in it.
void lock_tokens(Administration::Impl& impl);
// Kills what there is, in the open transaction; lock_tokens comes before.
[[nodiscard]] Revocation sweep(Administration::Impl& impl, SelectedTokens const& selected);

[[nodiscard]] Revocation operator+(Revocation left, Revocation const& right) noexcept;
void describe(Detail& detail, Revocation const& revoked);

// How many digits of a digest the lists show.
inline constexpr std::size_t shown_digits = 16;

// The digests that begin with these hexadecimal digits. Refused where they are none, fewer than eight, or more than 64.
struct DigestRange
{
    Sha256 first;
    Sha256 last;
};
[[nodiscard]] DigestRange digests_from(std::string const& beginning, std::string_view noun);

[[nodiscard]] std::optional<std::string> optional_text(Rows::Row& row, int column);
[[nodiscard]] std::optional<Timestamp> optional_time(Rows::Row& row, int column);

} // namespace parley::store
