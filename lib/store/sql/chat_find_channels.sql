-- The widgets of a chatbot.
-- $1 its team, $2 its id. Rows: id, digest of the embed key (hexadecimal; null: none), allowed_domains (JSON), auth_level, credential_mode, enabled,
-- disabled_message, session_token_days (null: the setting's); in the order in which they were made.
-- Index: channel_by_experiment.
select c.id, encode(c.embed_key_sha256, 'hex'), array_to_json(c.allowed_domains), c.auth_level, c.credential_mode, c.enabled,
    c.disabled_message, c.session_token_days
from channel c
where c.team_id = $1::int8 and c.experiment_id = $2::uuid and c.platform = 'embedded_widget'
order by c.id
