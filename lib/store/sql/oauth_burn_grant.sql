-- Redeems a code, for one caller only: others wait for the row and then find it burnt.
-- $1 digest of the code, $2 application, $3 now, $4 family for what it gives. Rows: user, team (null: none), scope, redirect URI, challenge, its method,
-- nonce, auth_time, expires_at, family; none when there is no such code, or it is burnt.
update oauth_grant
set redeemed_at = $3::timestamptz, family = coalesce(family, $4::uuid)
where code_sha256 = $1::bytea and application_id = $2::int8 and redeemed_at is null
returning user_id, team_id, scope, redirect_uri, code_challenge, code_challenge_method, nonce, auth_time, expires_at, family
