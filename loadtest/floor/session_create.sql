-- A session with two messages, and a participant where there is none.
\set i random(1, :sessions)
\set participant random(1, 440)
with chatbot as (
    select b.team_id, e.id
    from bench_session b
    join experiment e on e.team_id = b.team_id and not e.is_archived
    where b.i = :i
    order by e.id
    limit 1
),
known as (
    select p.team_id, p.id, p.identifier, p.remote_id
    from chatbot c
    join participant p on p.team_id = c.team_id and p.platform = 'api' and p.identifier = 'user' || :participant || '@example.com'
),
made as (
    insert into participant (team_id, platform, identifier)
    select c.team_id, 'api', 'user' || :participant || '@example.com' from chatbot c where not exists (select from known)
    on conflict (team_id, platform, identifier) do update set identifier = excluded.identifier
    returning team_id, id, identifier, remote_id
),
new_session as (
    insert into session (team_id, participant_id, created_at, updated_at, experiment_id, message_count, status, id, participant_identifier,
                         participant_remote_id, state)
    select p.team_id, p.id, now(), now(), c.id, 2, 0, gen_random_uuid()::text, p.identifier, p.remote_id, '{"step":1}'
    from chatbot c
    cross join (select * from known union all select * from made) p
    returning team_id, number, id, created_at, participant_remote_id, experiment_id
),
new_messages as (
    insert into message (team_id, session_number, position, created_at, rendered)
    select s.team_id, s.number, m.position, s.created_at,
           '{"created_at":"2026-01-01T00:00:00Z","role":"user","content":"Hello, I would like to know more about the programme and how I can register for it, please.","metadata":{},"tags":[],"attachments":[]}'
    from new_session s
    cross join generate_series(0, 1) as m (position)
),
counted as (
    insert into session_count (team_id, experiment_id, slot, sessions)
    select s.team_id, s.experiment_id, :client_id % 8, 1 from new_session s
    on conflict (team_id, experiment_id, slot) do update set sessions = session_count.sessions + 1
)
select id, participant_remote_id from new_session;
