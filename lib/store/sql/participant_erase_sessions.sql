-- A portion of sessions with all that hangs on them. Its snapshot is younger than the locks on the sessions: what others had added before is seen.
-- The slot -1 of session_count is no lane's, so that nobody waits for it.
-- $1 team, $2 numbers and $3 ids of the sessions. Rows: the ids of their files (JSON); one.
-- Index: the primary keys; a repeated create finds no reservation any more (idempotency_key is read whole, it holds a day).
with gone_message as (
    delete from message m
    where m.team_id = $1::int8 and m.session_number = any ($2::int8[])
),
gone_usage as (
    delete from session_usage u
    where u.team_id = $1::int8 and u.session_number = any ($2::int8[])
),
gone_file as (
    delete from session_file f
    where f.team_id = $1::int8 and f.session_number = any ($2::int8[])
    returning f.file_id
),
gone_chat as (
    delete from chat_session c
    where c.session_id = any ($3::text[]) and c.team_id = $1::int8
),
gone_reservation as (
    delete from idempotency_key k
    where k.team_id = $1::int8 and k.session_id = any ($3::text[])
),
gone_session as (
    delete from session s
    where s.team_id = $1::int8 and s.id = any ($3::text[])
    returning s.experiment_id
),
counted as (
    insert into session_count (team_id, experiment_id, slot, sessions)
    select $1::int8, g.experiment_id, -1, -count(*)
    from gone_session g
    group by g.experiment_id
    order by g.experiment_id
    on conflict (team_id, experiment_id, slot) do update set sessions = session_count.sessions + excluded.sessions
)
select array_to_json(array(select distinct f.file_id from gone_file f order by f.file_id))
