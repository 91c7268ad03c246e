-- Ends sessions, each named once, in the order of their keys.
--
-- Parameters: $1 teams, $2 ids, $3 times.
-- Columns: n (place in the arrays, from 1) of the sessions that exist.
-- Index: session's primary key. Status 3 is pending_review (domain::Status).
update session s
set status = 3, ended_at = k.at, updated_at = k.at
from unnest($1::bigint[], $2::text[], $3::timestamptz[]) with ordinality as k (team_id, id, at, n)
where s.team_id = k.team_id and s.id = k.id
returning k.n
