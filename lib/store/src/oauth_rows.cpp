#include "oauth_rows.hpp"

#include "session_rows.hpp"

#include <algorithm>
#include <chrono>

namespace parley::store
{

namespace
{

constexpr Timestamp last_moment{std::chrono::sys_days(std::chrono::year(9999) / 12 / 31)};
constexpr Timestamp first_moment{std::chrono::sys_days(std::chrono::year(1) / 1 / 1)};

} // namespace

Timestamp to_moment(std::string_view postgres)
{
    if (postgres == "infinity") return last_moment;
    return parse_timestamp(to_api_time(postgres)).value_or(first_moment);
}

std::optional<Timestamp> to_moment(std::optional<std::string_view> postgres)
{
    if (!postgres) return std::nullopt;
    return to_moment(*postgres);
}

oauth::User to_user(Rows::Row& row, int first)
{
    return {.id = row.number(first),
            .email = row.text(first + 1),
            .full_name = row.text(first + 2),
            .is_active = row.flag(first + 3),
            .email_verified = row.flag(first + 4),
            .last_login = to_moment(row.optional(first + 5))};
}

std::optional<auth::Team> to_team(Rows::Row& row, int first)
{
    if (row.is_null(first)) return std::nullopt;
    auth::Team team{.id = row.number(first), .slug = row.text(first + 1), .name = row.text(first + 2), .api_rate_limit = {}};
    if (auto const limit = row.optional(first + 3)) team.api_rate_limit = std::string(*limit);
    return team;
}

oauth::Application to_application(Rows::Row& row)
{
    oauth::Application application;
    application.id = row.number(0);
    application.name = row.text(1);
    application.secret_hash = row.text(2);
    application.type = row[3] == "confidential" ? oauth::ClientType::confidential : oauth::ClientType::public_;
    application.grant =
        row[4] == "client-credentials" ? oauth::ClientGrant::client_credentials : oauth::ClientGrant::authorization_code;
    application.team = to_team(row, 5);
    application.redirect_uris = split(row[9], '\n');
    if (auto const scopes = row.optional(10)) application.allowed_scopes = split(*scopes, ' ');
    if (auto const scopes = row.optional(11)) application.machine_scopes = split(*scopes, ' ');
    application.is_resource_server = row.flag(12);
    return application;
}

oauth::Grant to_grant(Rows::Row& row, std::int64_t application_id)
{
    oauth::Grant grant;
    grant.application_id = application_id;
    grant.user_id = row.number(0);
    if (!row.is_null(1)) grant.team_id = row.number(1);
    grant.scope = row.text(2);
    grant.redirect_uri = row.text(3);
    grant.code_challenge = row.text(4);
    grant.code_challenge_method = row.text(5);
    grant.nonce = row.text(6);
    grant.auth_time = to_moment(row.optional(7));
    grant.expires = to_moment(row[8]);
    return grant;
}

std::vector<std::string> split(std::string_view text, char separator)
{
    std::vector<std::string> parts;
    while (!text.empty())
    {
        auto const end = std::min(text.find(separator), text.size());
        if (end != 0) parts.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parts;
}

ArrayParameter to_parameter(std::optional<Timestamp> moment)
{
    ArrayParameter array(Oid::timestamptz);
    if (moment)
        array.add(*moment);
    else
        array.add_null();
    return array;
}

} // namespace parley::store
