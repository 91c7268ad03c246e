-- One message of a session: the last one, whose time the next must be later than; or one that may have been added.
-- $1 team, $2 the session's number, $3 position. Rows: created_at, rendered; one or none.
-- Index: message's primary key.
select m.created_at, m.rendered
from message m
where m.team_id = $1::int8 and m.session_number = $2::int8 and m.position = $3::int4
