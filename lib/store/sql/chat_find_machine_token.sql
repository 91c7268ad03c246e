-- An access token, for starting a chat.
-- $1 digest of the token. Rows: is a machine's, team (null: none), scope, expires_at, allowed_experiments (JSON); one or none.
-- Index: the primary keys of oauth_access_token and oauth_application.
select a.user_id is null, coalesce(a.team_id, p.team_id), a.scope, a.expires_at, array_to_json(p.allowed_experiments)
from oauth_access_token a
join oauth_application p on p.id = a.application_id
where a.token_sha256 = $1::bytea
