-- A refresh token, for one caller at a time.
-- $1 digest, $2 application. Rows: user, team (null: none), scope, digest of its access token (hexadecimal; null: it is gone), family (null: none yet),
-- whether it is revoked, auth_time, created_at; none when the application has no such token.
select user_id, team_id, scope, encode(access_token_sha256, 'hex'), family, revoked_at is not null, auth_time, created_at
from oauth_refresh_token
where token_sha256 = $1::bytea and application_id = $2::int8
for update
