-- Channels, for a dump. No parameters.
select
    id, team_id, experiment_id, platform, name, encode(embed_key_sha256, 'hex') as embed_key_sha256,
    array_to_json(allowed_domains) as allowed_domains, auth_level, credential_mode, enabled, disabled_message, session_token_days,
    created_at
from channel
order by id
