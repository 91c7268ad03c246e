-- Messages behind the others of a session, which is locked.
-- $1 team, $2 the session's number, $3 positions, $4 times, $5 rendered, $6 the session's id, $7 time of the change. Rows: none.
-- Index: the primary keys of session and message.
with added as (
    insert into message (team_id, session_number, position, created_at, rendered)
    select $1::int8, $2::int8, k.position, k.created_at, k.rendered
    from unnest($3::int4[], $4::timestamptz[], $5::text[]) as k (position, created_at, rendered)
)
update session s
set message_count = s.message_count + cardinality($3::int4[]), updated_at = $7::timestamptz
where s.team_id = $1::int8 and s.id = $6::text
