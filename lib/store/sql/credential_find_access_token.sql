-- What is known of access tokens.
--
-- Parameters: $1 digests of the tokens.
-- Columns: n (place in the array, from 1), team id (null: the token names no team), slug, name, its own limit, the user's e-mail (null: a
-- machine), scope, expires_at, whether the user is active, whether they are a member, permissions (names, separated by commas; null: none).
-- Index: the primary keys of oauth_access_token, team, app_user, membership, role.
select k.n, t.id, t.slug, t.name, t.api_rate_limit, u.email, a.scope, a.expires_at, coalesce(u.is_active, true),
       t.id is not null and (a.user_id is null or m.user_id is not null),
       (select string_agg(distinct p.name, ',')
        from unnest(m.roles) as r (name)
        join role on role.name = r.name
        cross join lateral unnest(role.permissions) as p (name))
from unnest($1::bytea[]) with ordinality as k (digest, n)
join oauth_access_token a on a.token_sha256 = k.digest
left join team t on t.id = a.team_id
left join app_user u on u.id = a.user_id
left join membership m on m.team_id = a.team_id and m.user_id = a.user_id
