-- Replaces the states of sessions, each named once, in the order of their keys.
--
-- Parameters: $1 teams, $2 ids, $3 states, $4 times.
-- Columns: n (place in the arrays, from 1) of the sessions that exist.
-- Index: session's primary key.
update session s
set state = k.state, updated_at = k.at
from unnest($1::bigint[], $2::text[], $3::text[], $4::timestamptz[]) with ordinality as k (team_id, id, state, at, n)
where s.team_id = k.team_id and s.id = k.id
returning k.n
