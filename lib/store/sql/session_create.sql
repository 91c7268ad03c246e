-- New sessions with their messages and, where the team has none of that identifier, participants: one statement, hence one transaction
-- and one flush for all callers. A session whose id is there already is passed over (a statement repeated after a lost connection), and so is
-- one whose participant was made by somebody else at this very moment; both are told by their absence from the answer.
--
-- Parameters: sessions: $1 teams, $2 ids, $3 numbers, $4 experiments, $5 participants' identifiers, $6 states, $7 times of creation,
--             $8 message counts; messages: $9 teams, $10 session numbers, $11 positions, $12 times, $13 rendered; $14 the lane's slot.
-- Columns: number, participant_remote_id of the sessions that were made.
-- Index: participant's unique key; the primary keys of session, message and session_count. Rows that others may want too (participants,
-- counts) are written in the order of their keys, so that lanes cannot wait for each other in a circle.
with given as materialized (
    select k.team_id, k.id, k.number, k.experiment_id, k.identifier, k.state, k.created_at, k.message_count, p.id as participant_id, p.remote_id
    from unnest($1::bigint[], $2::text[], $3::bigint[], $4::uuid[], $5::text[], $6::text[], $7::timestamptz[], $8::integer[])
         as k (team_id, id, number, experiment_id, identifier, state, created_at, message_count)
    left join participant p on p.team_id = k.team_id and p.platform = 'api' and p.identifier = k.identifier
),
new_participant as (
    insert into participant (team_id, platform, identifier)
    select distinct g.team_id, 'api', g.identifier collate "C"
    from given g
    where g.participant_id is null
    order by 1, 3
    on conflict (team_id, platform, identifier) do nothing
    returning team_id, id, identifier, remote_id
),
new_session as (
    insert into session (team_id, number, participant_id, created_at, updated_at, experiment_id, message_count, status, id,
                         participant_identifier, participant_remote_id, state)
    select g.team_id, g.number, coalesce(g.participant_id, p.id), g.created_at, g.created_at, g.experiment_id, g.message_count, 0, g.id,
           g.identifier, coalesce(g.remote_id, p.remote_id), g.state
    from given g
    left join new_participant p on g.participant_id is null and p.team_id = g.team_id and p.identifier = g.identifier
    where coalesce(g.participant_id, p.id) is not null
    on conflict (team_id, id) do nothing
    returning team_id, number, experiment_id, participant_remote_id
),
new_message as (
    insert into message (team_id, session_number, position, created_at, rendered)
    select m.team_id, m.session_number, m.position, m.created_at, m.rendered
    from unnest($9::bigint[], $10::bigint[], $11::integer[], $12::timestamptz[], $13::text[])
         as m (team_id, session_number, position, created_at, rendered)
    where (m.session_number in (select s.number from new_session s)) is true -- "is true" keeps it a hashed look-up.
),
new_count as (
    insert into session_count (team_id, experiment_id, slot, sessions)
    select s.team_id, s.experiment_id, $14::smallint, count(*)
    from new_session s
    group by s.team_id, s.experiment_id
    order by s.team_id, s.experiment_id
    on conflict (team_id, experiment_id, slot) do update set sessions = session_count.sessions + excluded.sessions
)
select s.number, s.participant_remote_id
from new_session s
