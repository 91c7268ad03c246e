-- Who is signed in, and their teams as of now: a row for each, at least one.
-- $1 digest of the cookie. Rows: user id, email, full name, is_active, email_verified, last_login, created_at, last_seen_at, authenticated_at, team id
-- (null: the user has none), slug, name, its own limit.
-- Index: the primary keys of browser_session and app_user; membership_by_user.
select u.id, u.email, trim(u.first_name || ' ' || u.last_name), u.is_active, u.email_verified, u.last_login,
    b.created_at, b.last_seen_at, b.authenticated_at, t.id, t.slug, t.name, t.api_rate_limit
from browser_session b
join app_user u on u.id = b.user_id
left join membership m on m.user_id = u.id
left join team t on t.id = m.team_id
where b.cookie_sha256 = $1::bytea
order by t.name, t.id
