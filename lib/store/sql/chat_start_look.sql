-- Whether a chat was started.
-- $1 team, $2 id. Rows: participant_remote_id; one or none.
-- Index: session's primary key.
select s.participant_remote_id
from session s
where s.team_id = $1::int8 and s.id = $2::text
