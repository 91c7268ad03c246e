-- Which of these sessions are there: after a create whose answer was lost, or whose participant came from elsewhere.
--
-- Parameters: $1 teams, $2 ids.
-- Columns: n (place in the arrays, from 1), participant_remote_id.
-- Index: session's primary key.
select k.n, s.participant_remote_id
from unnest($1::bigint[], $2::text[]) with ordinality as k (team_id, id, n)
join session s on s.team_id = k.team_id and s.id = k.id
