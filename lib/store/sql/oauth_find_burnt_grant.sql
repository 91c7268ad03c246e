-- A code that has been redeemed before.
-- $1 digest of the code, $2 application. Rows: as oauth_burn_grant.
select user_id, team_id, scope, redirect_uri, code_challenge, code_challenge_method, nonce, auth_time, expires_at, family
from oauth_grant
where code_sha256 = $1::bytea and application_id = $2::int8 and redeemed_at is not null
