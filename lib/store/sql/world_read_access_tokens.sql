-- OAuth access tokens, for a dump. No parameters.
select name, encode(token_sha256, 'hex') as token_sha256, application_id, user_id, team_id, scope, expires_at, family, created_at
from oauth_access_token
order by token_sha256
