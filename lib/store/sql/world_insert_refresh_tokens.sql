-- OAuth refresh tokens of a world: digests only.
-- Parameters: one array for each column, in this order. Rows: none.
insert into oauth_refresh_token
(
    token_sha256, name, access_token_sha256, application_id, user_id, team_id, scope, family, revoked_at, auth_time,
    created_at
)
select
    given.token_sha256, given.name, given.access_token_sha256, given.application_id, given.user_id, given.team_id,
    given.scope, given.family, given.revoked_at, given.auth_time, given.created_at
from unnest(
    $1::bytea[], $2::text[], $3::bytea[], $4::int8[], $5::int8[], $6::int8[], $7::text[], $8::uuid[], $9::timestamptz[],
    $10::timestamptz[], $11::timestamptz[]
) as given (
    token_sha256, name, access_token_sha256, application_id, user_id, team_id, scope, family, revoked_at, auth_time,
    created_at
)
