-- OAuth refresh tokens, for a dump. No parameters.
select
    name, encode(token_sha256, 'hex') as token_sha256, encode(access_token_sha256, 'hex') as access_token_sha256,
    application_id, user_id, team_id, scope, family, revoked_at, auth_time, created_at
from oauth_refresh_token
order by token_sha256
