#include "parley/world/decode.hpp"

#include "decoder.hpp"

#include "parley/auth/password_hash.hpp"

#include <algorithm>
#include <array>

namespace parley::world
{

namespace
{

constexpr std::array<std::string_view, 3> hash_kinds{"$argon2id$", "argon2$argon2id$", "pbkdf2_sha256$"}; // What auth can verify.

} // namespace

// Texts hold no U+0000, so it keeps the pieces of a name apart.
std::string joined(std::initializer_list<std::string_view> pieces)
{
    std::string result;
    for (auto const piece : pieces)
    {
        result += piece;
        result += '\0';
    }
    return result;
}

std::string key_of(Index team, std::string_view name)
{
    return joined({std::to_string(team), name});
}

World Decoder::decode(Place const& root)
{
    Members parts(root);
    parts.skip("note");
    parts.skip("client_side");
    rows_of(parts, "teams", &Decoder::team);
    if (auto const place = parts.optional("roles")) roles(*place);
    rows_of(parts, "users", &Decoder::user);
    rows_of(parts, "memberships", &Decoder::membership);
    rows_of(parts, "api_keys", &Decoder::api_key);
    rows_of(parts, "browser_sessions", &Decoder::browser_session);
    if (auto const place = parts.optional("experiments")) experiments(*place);
    if (auto const place = parts.optional("oauth")) oauth(*place);
    rows_of(parts, "channels", &Decoder::channel);
    rows_of(parts, "tags", &Decoder::tag);
    rows_of(parts, "participants", &Decoder::participant);
    rows_of(parts, "files", &Decoder::file);
    rows_of(parts, "sessions", &Decoder::session);
    parts.finish();
    return std::move(world_);
}

void Decoder::rows_of(Members& parts, std::string_view part, DecodeRow decode_row)
{
    auto const list = parts.optional(part);
    if (!list) return;
    list->each(
        [&](Place const& place)
        {
            Members row(place);
            (this->*decode_row)(row);
            row.finish();
        });
}

std::string Decoder::text_or_empty(Members& row, std::string_view key)
{
    auto const place = row.optional(key);
    return place ? place->text() : std::string();
}

bool Decoder::truth(Members& row, std::string_view key, bool otherwise)
{
    auto const place = row.optional(key);
    return place ? place->boolean() : otherwise;
}

std::optional<Timestamp> Decoder::moment(Members& row, std::string_view key)
{
    auto const place = row.present(key);
    return place ? std::optional(place->moment()) : std::nullopt;
}

std::vector<std::string> Decoder::texts(Members& row, std::string_view key)
{
    auto const place = row.optional(key);
    return place ? place->texts() : std::vector<std::string>();
}

std::optional<Uuid> Decoder::uuid(Members& row, std::string_view key)
{
    auto const place = row.present(key);
    return place ? std::optional(place->uuid()) : std::nullopt;
}

std::string Decoder::word(Place const& place, std::initializer_list<std::string_view> words)
{
    auto result = place.text();
    if (std::ranges::find(words, std::string_view(result)) != words.end()) return result;
    std::string list;
    for (auto const one : words)
        list += (list.empty() ? "" : ", ") + std::string(one);
    place.refuse("must be one of: " + list);
}

Sha256 Decoder::digest(Members& row, std::string_view secret, std::string_view digest_key)
{
    auto const choice = row.either(secret, digest_key);
    auto const result = choice.is_first ? sha256(choice.place.text_of_visible()) : choice.place.digest();
    if (!digests_.insert(to_hex(result)).second) choice.place.refuse("stands twice in the file");
    return result;
}

std::string Decoder::password(Members& row, std::string_view secret, std::string_view hash)
{
    auto const plain = row.optional(secret);
    auto const hashed = row.optional(hash);
    if (plain && hashed) row.place().refuse("either \"" + std::string(secret) + "\" or \"" + std::string(hash) + "\", not both");
    if (plain) return auth::hash_password(plain->text());
    auto result = hashed ? hashed->text() : std::string();
    auto const is_known = std::ranges::any_of(hash_kinds, [&](std::string_view kind) { return result.starts_with(kind); });
    if (!result.empty() && !is_known)
        hashed->refuse("must be a hash by argon2id (encoded form), Django's pbkdf2_sha256, or empty");
    return result;
}

std::optional<Index> Decoder::team_or_none(Members& row)
{
    auto const place = row.present("team");
    return place ? std::optional(teams_.resolve(*place)) : std::nullopt;
}

std::optional<Index> Decoder::user_or_none(Members& row, std::string_view key)
{
    auto const place = row.present(key);
    return place ? std::optional(users_.resolve(*place)) : std::nullopt;
}

void Decoder::require_team(Place const& place, Index found, Index wanted)
{
    if (found != wanted) place.refuse("belongs to another team");
}

Index Decoder::experiment_of(Place const& place, Index team) const
{
    auto const index = experiments_.resolve(place);
    require_team(place, rows().experiments[index].team, team);
    return index;
}

World decode(std::string_view text, std::vector<std::string> const& roles_known)
{
    auto const document = json::Document::parse(text);
    if (!document) throw Invalid("$", "is not JSON: " + document.error().sentence());
    auto const root = Place(document->root());
    return Decoder(roles_known).decode(root);
}

} // namespace parley::world
