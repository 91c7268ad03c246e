-- The same for some of each kind, without ever waiting: what somebody is redeeming right now is passed over. Codes are few.
-- $1 application, $2 user, $3 team (0: any), $4 now, $5 rows of each kind at most. Rows: one: access tokens, refresh tokens.
with access_tokens as
(
    delete from oauth_access_token
    where ctid = any(array(
        select ctid from oauth_access_token
        where ($1::int8 = 0 or application_id = $1::int8) and ($2::int8 = 0 or user_id = $2::int8) and ($3::int8 = 0 or team_id = $3::int8)
        limit $5::int8
        for update skip locked))
    returning 1
),
refresh_tokens as
(
    update oauth_refresh_token
    set revoked_at = $4::timestamptz
    where ctid = any(array(
        select ctid from oauth_refresh_token
        where ($1::int8 = 0 or application_id = $1::int8) and ($2::int8 = 0 or user_id = $2::int8) and ($3::int8 = 0 or team_id = $3::int8)
          and revoked_at is null
        limit $5::int8
        for update skip locked))
    returning 1
)
select (select count(*) from access_tokens), (select count(*) from refresh_tokens)
