-- API keys of a world: digests only.
-- Parameters: one array for each column, in this order. Rows: none.
insert into api_key
(
    id, key_sha256, prefix, team_id, user_id, name, read_only, is_revoked, expires_at, created_at
)
select
    given.id, given.key_sha256, given.prefix, given.team_id, given.user_id, given.name, given.read_only, given.is_revoked,
    given.expires_at, given.created_at
from unnest(
    $1::int8[], $2::bytea[], $3::text[], $4::int8[], $5::int8[], $6::text[], $7::bool[], $8::bool[], $9::timestamptz[],
    $10::timestamptz[]
) as given (
    id, key_sha256, prefix, team_id, user_id, name, read_only, is_revoked, expires_at, created_at
)
