-- Channels of a world.
-- Parameters: one array for each column, in this order; of allowed_domains, array literals. Rows: none.
insert into channel
(
    team_id, id, experiment_id, platform, name, embed_key_sha256, allowed_domains, auth_level, credential_mode, enabled,
    disabled_message, session_token_days, created_at
)
select
    given.team_id, given.id, given.experiment_id, given.platform, given.name, given.embed_key_sha256,
    given.allowed_domains::text[], given.auth_level, given.credential_mode, given.enabled, given.disabled_message,
    given.session_token_days, given.created_at
from unnest(
    $1::int8[], $2::int8[], $3::uuid[], $4::text[], $5::text[], $6::bytea[], $7::text[], $8::int2[], $9::text[], $10::bool[],
    $11::text[], $12::int4[], $13::timestamptz[]
) as given (
    team_id, id, experiment_id, platform, name, embed_key_sha256, allowed_domains, auth_level, credential_mode, enabled,
    disabled_message, session_token_days, created_at
)
