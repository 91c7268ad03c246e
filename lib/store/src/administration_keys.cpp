// The administrator's verbs on API keys.
#include "parley/store/administration.hpp"

#include "administration_impl.hpp"

#include "parley/core/text.hpp"

#include <algorithm>

namespace parley::store
{

namespace
{

constexpr std::size_t prefix_length = 8;
constexpr std::size_t name_max = 200; // Code points.

// Letters and digits at random, so that a prefix is one word for a double click.
std::string make_prefix()
{
    std::string prefix;
    while (prefix.size() < prefix_length)
        for (char const c : make_secret())
            if (std::isalnum(static_cast<unsigned char>(c)) != 0 && prefix.size() < prefix_length) prefix += c;
    return prefix;
}

// A key on its way in, its team and user found.
struct KeyOrder
{
    std::int64_t team_id = 0;
    std::int64_t user_id = 0;
    NewKey key;
};

IssuedKey issue(Administration::Impl& impl, KeyOrder const& order)
{
    auto const now = impl.clock.now();
    IssuedKey result;
    auto& listing = result.listing;
    auto fresh = make_api_key();
    listing.prefix = std::move(fresh.prefix);
    result.key = std::move(fresh.key);
    listing.name = order.key.name;
    listing.team = order.key.team;
    listing.email = order.key.email;
    listing.read_only = order.key.read_only;
    listing.expires_at = order.key.expires_at;
    listing.created_at = now;
    Parameters parameters;
    parameters.add(sha256(result.key))
        .add(listing.prefix)
        .add(order.team_id)
        .add(order.user_id)
        .add(listing.name)
        .add(listing.read_only);
    parameters.add(listing.expires_at ? format_timestamp(*listing.expires_at) : std::string()).add(now);
    listing.id = impl.run("administration_key_insert", parameters)[0].number(0);
    return result;
}

// The row of a key that a verb is about to change.
struct FoundKey
{
    KeyOrder order;
    KeyListing listing;
};

FoundKey read_found(Rows::Row row)
{
    FoundKey found;
    auto& listing = found.listing;
    listing.id = row.number(0);
    listing.prefix = row.text(1);
    listing.name = row.text(2);
    found.order.team_id = row.number(3);
    listing.team = row.text(4);
    found.order.user_id = row.number(5);
    listing.email = row.text(6);
    listing.read_only = row.flag(7);
    listing.is_revoked = row.flag(8);
    if (!row.is_null(9)) listing.expires_at = timestamp_at(row[9]);
    found.order.key = {listing.team, listing.email, listing.name, listing.read_only, listing.expires_at};
    return found;
}

std::string called(KeyChoice const& choice)
{
    return choice.id != 0 ? "of id " + std::to_string(choice.id) : "\"" + choice.text + "\"";
}

// The one key that is meant and that still opens something.
FoundKey find_key(Administration::Impl& impl, KeyChoice const& choice)
{
    if (!choice.team.empty()) static_cast<void>(impl.team_id(choice.team));
    Parameters parameters;
    parameters.add(choice.id).add(choice.text).add(choice.team);
    auto const rows = impl.run("administration_key_find", parameters);
    if (rows.empty()) throw Refused("API key " + called(choice) + " does not exist");
    std::optional<FoundKey> found;
    for (std::size_t i = 0; i < rows.size(); ++i)
    {
        auto candidate = read_found(rows[i]);
        if (candidate.listing.is_revoked) continue;
        if (found)
            throw Refused("several API keys fit " + called(choice) + ": choose one by its id, --id " +
                          std::to_string(found->listing.id) + " or --id " + std::to_string(candidate.listing.id));
        found = std::move(candidate);
    }
    if (!found) throw Refused("API key " + called(choice) + " is revoked already");
    return *found;
}

void describe_key(Detail& detail, KeyListing const& listing)
{
    detail.set_subject(listing.team + "/" + listing.name);
    detail.number("id", listing.id).text("prefix", listing.prefix).text("name", listing.name).text("team", listing.team);
    detail.text("user", listing.email).flag("read_only", listing.read_only);
    detail.text("expires_at", listing.expires_at ? format_timestamp(*listing.expires_at) : std::string());
}

void require_member(Administration::Impl& impl, KeyOrder const& order)
{
    Parameters parameters;
    parameters.add(order.team_id).add(order.user_id);
    if (impl.run("administration_member_find", parameters).empty())
        throw Refused("user \"" + order.key.email + "\" is not in team \"" + order.key.team + "\": add them first");
}

} // namespace

ApiKeyText make_api_key()
{
    auto prefix = make_prefix();
    auto key = prefix + "." + make_secret();
    return {std::move(prefix), std::move(key)};
}

IssuedKey Administration::create_key(NewKey const& key)
{
    if (is_blank(key.name) || find_invalid_utf8(key.name) || count_code_points(key.name) > name_max)
        throw Refused("an API key's name must have 1 to 200 characters");
    if (key.expires_at && *key.expires_at <= impl_->clock.now()) throw Refused("the API key would have expired already");
    return impl_->change("key.create", key.name,
                         [&](Detail& detail)
                         {
                             KeyOrder const order{impl_->team_id(key.team), impl_->user_id(key.email), key};
                             require_member(*impl_, order);
                             auto issued = issue(*impl_, order);
                             describe_key(detail, issued.listing);
                             return issued;
                         });
}

IssuedKey Administration::rotate_key(KeyChoice const& choice, std::chrono::seconds grace)
{
    return impl_->change(
        "key.rotate", choice.text,
        [&](Detail& detail)
        {
            auto const old = find_key(*impl_, choice);
            if (old.listing.expires_at && *old.listing.expires_at <= impl_->clock.now())
                throw Refused("API key " + called(choice) + " has expired: create another one");
            require_member(*impl_, old.order);
            auto issued = issue(*impl_, old.order);
            Parameters parameters;
            parameters.add(old.listing.id);
            if (grace > std::chrono::seconds::zero())
                impl_->run("administration_key_expire", parameters.add(impl_->clock.now() + grace));
            else
                impl_->run("administration_key_revoke", parameters);
            describe_key(detail, issued.listing);
            detail.number("old_id", old.listing.id).text("old_prefix", old.listing.prefix).number("grace_seconds", grace.count());
            return issued;
        });
}

KeyListing Administration::revoke_key(KeyChoice const& choice)
{
    return impl_->change("key.revoke", choice.text,
                         [&](Detail& detail)
                         {
                             auto found = find_key(*impl_, choice).listing;
                             Parameters parameters;
                             parameters.add(found.id);
                             impl_->run("administration_key_revoke", parameters);
                             describe_key(detail, found);
                             found.is_revoked = true;
                             return found;
                         });
}

std::vector<KeyListing> Administration::keys(std::string const& team)
{
    return impl_->guarded(
        [&]
        {
            if (!team.empty()) static_cast<void>(impl_->team_id(team));
            Parameters parameters;
            parameters.add(team);
            auto const rows = impl_->run("administration_key_list", parameters);
            std::vector<KeyListing> result;
            for (std::size_t i = 0; i < rows.size(); ++i)
            {
                auto row = rows[i];
                KeyListing listing{.id = row.number(0),
                                   .prefix = row.text(1),
                                   .name = row.text(2),
                                   .team = row.text(3),
                                   .email = row.text(4),
                                   .read_only = row.flag(5),
                                   .is_revoked = row.flag(6),
                                   .expires_at = {},
                                   .created_at = {}};
                if (!row.is_null(7)) listing.expires_at = timestamp_at(row[7]);
                listing.created_at = timestamp_at(row[8]);
                result.push_back(std::move(listing));
            }
            return result;
        });
}

} // namespace parley::store
