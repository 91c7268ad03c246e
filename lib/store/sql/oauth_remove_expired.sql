-- Takes away what nobody can use any more, some rows of each kind.
-- $1 now, $2 refresh tokens made before, $3 sign-ins not used since, $4 sign-ins made before, $5 rows of each kind. Rows: one: how many went.
-- A burnt code and a retired refresh token stay for a day and more, so that a second use of them is still seen.
-- Index: those by expiry, by creation and by use.
with old_tokens as
(
    delete from oauth_access_token
    where ctid = any(array(
        select ctid from oauth_access_token where expires_at < $1::timestamptz - interval '1 hour' order by expires_at limit $5::int8
        for update skip locked))
    returning 1
),
old_grants as
(
    delete from oauth_grant
    where ctid = any(array(
        select ctid from oauth_grant where expires_at < $1::timestamptz - interval '1 day' order by expires_at limit $5::int8
        for update skip locked))
    returning 1
),
old_refresh_tokens as
(
    delete from oauth_refresh_token
    where ctid = any(array(
        select ctid from oauth_refresh_token where created_at < $2::timestamptz order by created_at limit $5::int8
        for update skip locked))
    returning 1
),
old_sessions as
(
    delete from browser_session
    where ctid = any(array(
        select ctid from browser_session where last_seen_at < $3::timestamptz or created_at < $4::timestamptz order by last_seen_at limit $5::int8
        for update skip locked))
    returning 1
)
select (select count(*) from old_tokens) + (select count(*) from old_grants) + (select count(*) from old_refresh_tokens)
    + (select count(*) from old_sessions)
