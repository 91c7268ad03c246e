-- OAuth access tokens of a world: digests only.
-- Parameters: one array for each column, in this order. Rows: none.
insert into oauth_access_token
(
    token_sha256, name, application_id, user_id, team_id, scope, expires_at, family, created_at
)
select
    given.token_sha256, given.name, given.application_id, given.user_id, given.team_id, given.scope, given.expires_at,
    given.family, given.created_at
from unnest(
    $1::bytea[], $2::text[], $3::int8[], $4::int8[], $5::int8[], $6::text[], $7::timestamptz[], $8::uuid[], $9::timestamptz[]
) as given (
    token_sha256, name, application_id, user_id, team_id, scope, expires_at, family, created_at
)
