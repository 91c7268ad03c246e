-- Who is signed in: an active user, and their teams as of now.
-- $1 digest of the cookie. Rows: user id, email, created_at, last_seen_at, teams (JSON); one or none.
-- Index: the primary keys of browser_session and app_user; membership_by_user.
select u.id, u.email, b.created_at, b.last_seen_at, array_to_json(array(select m.team_id from membership m where m.user_id = u.id))
from browser_session b
join app_user u on u.id = b.user_id
where b.cookie_sha256 = $1::bytea and u.is_active
