-- A new chat. Its id is chosen by the caller, so a statement repeated after a lost connection finds it (chat_start_look).
-- $1 team, $2 id, $3 participant's id, $4 their identifier, $5 their remote_id, $6 time, $7 chatbot, $8 channel (0: none), $9 token_required, $10 platform,
-- $11 state, $12 slot of session_count. Rows: none. Status 2 is active (domain::Status).
with made as (
    insert into session (team_id, participant_id, created_at, updated_at, experiment_id, channel_id, status, token_required, id, platform,
                         participant_identifier, participant_remote_id, state)
    values ($1::int8, $3::int8, $6::timestamptz, $6::timestamptz, $7::uuid, nullif($8::int8, 0), 2, $9::bool, $2::text, $10::text,
            $4::text, $5::text, $11::text)
),
found as (
    insert into chat_session (session_id, team_id)
    values ($2::text, $1::int8)
)
insert into session_count (team_id, experiment_id, slot, sessions)
values ($1::int8, $7::uuid, $12::int2, 1)
on conflict (team_id, experiment_id, slot) do update set sessions = session_count.sessions + 1
