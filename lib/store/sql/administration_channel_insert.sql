-- A new channel of a widget.
-- $1 team, $2 chatbot, $3 name, $4 digest of the embed key (''::bytea: none), $5 allowed_domains, $6 auth_level, $7 credential_mode, $8 session_token_days
-- (0: the setting's), $9 now. Rows: id.
insert into channel
(
    team_id, experiment_id, platform, name, embed_key_sha256, allowed_domains, auth_level, credential_mode, session_token_days,
    created_at
)
values
(
    $1::int8, $2::uuid, 'embedded_widget', $3::text, nullif($4::bytea, ''::bytea), $5::text[], $6::int2, $7::text, nullif($8::int4, 0),
    $9::timestamptz
)
returning id
