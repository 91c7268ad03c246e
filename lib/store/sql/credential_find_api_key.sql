-- What is known of API keys.
--
-- Parameters: $1 digests of the keys.
-- Columns: n (place in the array, from 1), team id, slug, name, its own limit, the user's e-mail, read_only, is_revoked, expires_at (null:
-- never), whether the user is active, whether they are a member, permissions (names, separated by commas; null: none).
-- Index: api_key's unique digest; the primary keys of team, app_user, membership, role.
select k.n, t.id, t.slug, t.name, t.api_rate_limit, u.email, a.read_only, a.is_revoked, a.expires_at, u.is_active, m.user_id is not null,
       (select string_agg(distinct p.name, ',')
        from unnest(m.roles) as r (name)
        join role on role.name = r.name
        cross join lateral unnest(role.permissions) as p (name))
from unnest($1::bytea[]) with ordinality as k (digest, n)
join api_key a on a.key_sha256 = k.digest
join team t on t.id = a.team_id
join app_user u on u.id = a.user_id
left join membership m on m.team_id = a.team_id and m.user_id = a.user_id
