-- API keys, for a dump. No parameters.
select name, prefix, encode(key_sha256, 'hex') as key_sha256, user_id, team_id, read_only, is_revoked, expires_at, created_at
from api_key
order by id
