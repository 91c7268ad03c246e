-- Tokens of machines. Run again after a lost answer, it changes nothing.
-- Parameters: one array for each column, in this order.
insert into oauth_access_token (token_sha256, application_id, team_id, scope, expires_at, created_at)
select given.token_sha256, given.application_id, given.team_id, given.scope, given.expires_at, given.created_at
from unnest($1::bytea[], $2::int8[], $3::int8[], $4::text[], $5::timestamptz[], $6::timestamptz[]) as given
    (token_sha256, application_id, team_id, scope, expires_at, created_at)
on conflict (token_sha256) do nothing
