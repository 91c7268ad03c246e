-- The next messages of a session, for an export.
-- $1 team, $2 the session's number, $3 the first position, $4 how many. Rows: position, rendered, original_metadata (null: it is in rendered).
-- Index: message's primary key.
select m.position, m.rendered, m.original_metadata
from message m
where m.team_id = $1::int8 and m.session_number = $2::int8 and m.position >= $3::int4
order by m.position
limit $4::int8
