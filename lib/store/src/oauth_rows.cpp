#include "oauth_rows.hpp"

#include <algorithm>
#include <chrono>

namespace parley::store
{

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

} // namespace parley::store
