-- $1 digest, $2 digest of its access token, $3 application, $4 user, $5 team, $6 scope, $7 family, $8 auth_time (an array of one, or of a null), $9 now.
insert into oauth_refresh_token
(
    token_sha256, access_token_sha256, application_id, user_id, team_id, scope, family, auth_time, created_at
)
values
(
    $1::bytea, $2::bytea, $3::int8, $4::int8, $5::int8, $6::text, $7::uuid, ($8::timestamptz[])[1], $9::timestamptz
)
