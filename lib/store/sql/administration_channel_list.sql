-- Channels of a team, or of all; or one channel.
-- $1 slug, or '' for all; $2 id, or 0 for all. Rows: id, slug, chatbot, its name, name, auth_level, credential_mode, enabled, disabled_message,
-- allowed_domains (JSON), session_token_days (null: the setting's), has a key, created_at.
select channel.id, team.slug, experiment.id, experiment.name, channel.name, channel.auth_level, channel.credential_mode,
    channel.enabled, channel.disabled_message, array_to_json(channel.allowed_domains), channel.session_token_days,
    channel.embed_key_sha256 is not null, channel.created_at
from channel
join team on team.id = channel.team_id
join experiment on experiment.id = channel.experiment_id
where ($1::text = '' or team.slug = $1::text) and ($2::int8 = 0 or channel.id = $2::int8)
order by team.slug collate "C", channel.id
