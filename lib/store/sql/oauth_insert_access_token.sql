-- A user's access token.
-- $1 digest, $2 application, $3 user, $4 team, $5 scope, $6 expires_at, $7 family, $8 now.
insert into oauth_access_token (token_sha256, application_id, user_id, team_id, scope, expires_at, family, created_at)
values ($1::bytea, $2::int8, $3::int8, $4::int8, $5::text, $6::timestamptz, $7::uuid, $8::timestamptz)
