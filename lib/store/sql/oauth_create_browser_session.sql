-- A browser signs in. Run again after a lost answer, it changes nothing.
-- $1 digest of the cookie, $2 user, $3 now.
with login as
(
    update app_user
    set last_login = $3::timestamptz
    where id = $2::int8
)
insert into browser_session (cookie_sha256, user_id, created_at, last_seen_at, authenticated_at)
values ($1::bytea, $2::int8, $3::timestamptz, $3::timestamptz, $3::timestamptz)
on conflict (cookie_sha256) do nothing
