#include "decoder.hpp"

#include "parley/core/text.hpp"

#include <algorithm>
#include <array>

namespace parley::world
{

namespace
{

constexpr std::array permissions{"view_experimentsession", "add_experimentsession", "change_experimentsession",
                                 "delete_experimentsession"};

} // namespace

void Decoder::team(Members& row)
{
    auto const slug = row.required("slug");
    store::TeamRow result;
    result.slug = slug.text_of_visible();
    result.name = row.required("name").text();
    if (auto const limit = row.present("api_rate_limit")) result.api_rate_limit = limit->text_of_visible();
    result.created_at = moment(row, "created_at");
    teams_.add(slug, result.slug, rows().teams.size());
    rows().teams.push_back(std::move(result));
}

void Decoder::roles(Place const& place)
{
    Members names(place);
    for (auto member = place.value().begin(); member != place.value().end(); ++member)
    {
        auto const role = names.required(member.key());
        if (is_blank(member.key()) || member.key().find('\0') != std::string_view::npos || member.key_has_lone_surrogate())
            role.refuse("is not a name for a role");
        auto result = store::RoleRow{std::string(member.key()), {}};
        role.each(
            [&](Place const& permission)
            {
                result.permissions.push_back(permission.text());
                if (std::ranges::find(permissions, result.permissions.back()) == permissions.end())
                    permission.refuse("is not a permission on sessions");
            });
        roles_known_.insert(result.name);
        rows().roles.push_back(std::move(result));
    }
}

void Decoder::user(Members& row)
{
    auto const key = row.required("key");
    auto const email = row.required("email");
    store::UserRow result;
    result.email = email.text_of_visible();
    result.first_name = text_or_empty(row, "first_name");
    result.last_name = text_or_empty(row, "last_name");
    result.is_active = truth(row, "is_active", true);
    result.email_verified = truth(row, "email_verified", false);
    result.password_hash = password(row, "password", "password_hash");
    // The format's own rule: a file that says nothing means this moment.
    auto const login = row.optional("last_login");
    if (!login)
        result.last_login = store::last_login_default;
    else if (!login->value().is_null())
        result.last_login = login->moment();
    result.created_at = moment(row, "created_at");
    users_.add(key, key.text(), rows().users.size());
    emails_.add(email, result.email, rows().users.size());
    rows().users.push_back(std::move(result));
}

void Decoder::membership(Members& row)
{
    auto const user_place = row.required("user");
    store::MembershipRow result{team_of(row), users_.resolve(user_place), {}};
    if (auto const list = row.optional("roles"))
        list->each(
            [&](Place const& role)
            {
                result.roles.push_back(role.text());
                if (!roles_known_.contains(result.roles.back())) role.refuse("there is no such role");
            });
    memberships_.add(user_place, key_of(result.team, std::to_string(result.user)), rows().memberships.size());
    rows().memberships.push_back(std::move(result));
}

void Decoder::api_key(Members& row)
{
    store::ApiKeyRow result;
    result.name = row.required("name").text();
    auto const prefix = row.optional("prefix");
    auto const key = row.optional("key");
    if (prefix)
        result.prefix = prefix->text();
    else if (key)
        result.prefix = key->text().substr(0, key->text().find('.'));
    result.key_sha256 = digest(row, "key", "key_sha256");
    result.user = users_.resolve(row.required("user"));
    result.team = team_of(row);
    result.read_only = truth(row, "read_only", false);
    result.is_revoked = truth(row, "revoked", false);
    result.expires_at = moment(row, "expiry");
    result.created_at = moment(row, "created_at");
    rows().api_keys.push_back(std::move(result));
}

void Decoder::browser_session(Members& row)
{
    store::BrowserSessionRow result;
    result.cookie_sha256 = digest(row, "cookie", "cookie_sha256");
    result.user = users_.resolve(row.required("user"));
    result.created_at = moment(row, "created_at");
    result.last_seen_at = moment(row, "last_seen_at");
    result.authenticated_at = moment(row, "authenticated_at");
    rows().browser_sessions.push_back(std::move(result));
}

} // namespace parley::world
