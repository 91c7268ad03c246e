-- Keeps an authorization code. Run again after a lost answer, it changes nothing.
-- $1 digest of the code, $2 application, $3 user, $4 team, $5 scope, $6 redirect URI, $7 challenge, $8 its method, $9 nonce, $10 auth_time (an array of
-- one, or of a null), $11 expires_at, $12 now.
insert into oauth_grant
(
    code_sha256, application_id, user_id, team_id, scope, redirect_uri, code_challenge, code_challenge_method, nonce, auth_time,
    expires_at, created_at
)
values
(
    $1::bytea, $2::int8, $3::int8, $4::int8, $5::text, $6::text, $7::text, $8::text, $9::text, ($10::timestamptz[])[1],
    $11::timestamptz, $12::timestamptz
)
on conflict (code_sha256) do nothing
