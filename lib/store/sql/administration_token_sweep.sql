-- Kills the tokens and codes of a selection. A retired refresh token stays for a while, so that a second use of it is still seen.
-- $1 application, $2 user, $3 team (0: any), $4 a team that is spared (0: none), $5 now. Rows: one: access tokens, refresh tokens, codes.
with access_tokens as
(
    delete from oauth_access_token
    where ($1::int8 = 0 or application_id = $1::int8) and ($2::int8 = 0 or user_id = $2::int8)
      and ($3::int8 = 0 or team_id = $3::int8) and ($4::int8 = 0 or team_id is distinct from $4::int8)
    returning 1
),
refresh_tokens as
(
    update oauth_refresh_token
    set revoked_at = $5::timestamptz
    where ($1::int8 = 0 or application_id = $1::int8) and ($2::int8 = 0 or user_id = $2::int8)
      and ($3::int8 = 0 or team_id = $3::int8) and ($4::int8 = 0 or team_id is distinct from $4::int8) and revoked_at is null
    returning 1
),
codes as
(
    delete from oauth_grant
    where ($1::int8 = 0 or application_id = $1::int8) and ($2::int8 = 0 or user_id = $2::int8)
      and ($3::int8 = 0 or team_id = $3::int8) and ($4::int8 = 0 or team_id is distinct from $4::int8)
    returning redeemed_at is null as is_open
)
select (select count(*) from access_tokens), (select count(*) from refresh_tokens), (select count(*) from codes where is_open)
