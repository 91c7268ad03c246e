-- Messages of a session later than a time.
-- $1 team, $2 the session's number, $3 time, $4 rows at most. Rows: rendered; in order.
-- Index: the primary key of message, in order of position, which is that of time.
select m.rendered
from message m
where m.team_id = $1::int8 and m.session_number = $2::int8 and m.created_at > $3::timestamptz
order by m.position
limit $4::int4
