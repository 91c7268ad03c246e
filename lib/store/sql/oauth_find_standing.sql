-- A user and a team, and whether the one is in the other, as of now.
-- $1 user, $2 team (0: none). Rows: one: user id, email, full name, is_active, email_verified, last_login, team id (null: none), slug, name, its own
-- limit, is_member.
-- Index: the primary keys of app_user, team and membership.
select u.id, u.email, trim(u.first_name || ' ' || u.last_name), u.is_active, u.email_verified, u.last_login,
    t.id, t.slug, t.name, t.api_rate_limit, m.user_id is not null
from app_user u
left join team t on t.id = $2::int8
left join membership m on m.team_id = t.id and m.user_id = u.id
where u.id = $1::int8
