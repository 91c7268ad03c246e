-- What access tokens stand for, for introspection and userinfo.
-- $1 digests of the tokens. Rows: n (place in the array, from 1), application, its client id, scope, expires_at, user id (null: a machine), email, full
-- name, is_active, email_verified, last_login, team id (null: none), slug, name, its own limit, is_member.
-- Index: the primary keys of oauth_access_token, oauth_application, app_user, team, membership.
select k.n, a.application_id, p.client_id, a.scope, a.expires_at,
    u.id, u.email, trim(u.first_name || ' ' || u.last_name), u.is_active, u.email_verified, u.last_login,
    t.id, t.slug, t.name, t.api_rate_limit, t.id is not null and (a.user_id is null or m.user_id is not null)
from unnest($1::bytea[]) with ordinality as k (digest, n)
join oauth_access_token a on a.token_sha256 = k.digest
join oauth_application p on p.id = a.application_id
left join app_user u on u.id = a.user_id
left join team t on t.id = a.team_id
left join membership m on m.team_id = a.team_id and m.user_id = a.user_id
