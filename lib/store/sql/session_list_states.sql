-- Sessions whose states a list statement has left out, since a page of them could be of any size.
--
-- Parameters: $1 teams, $2 ids.
-- Columns: n (place in the arrays, from 1), the session.
-- Index: session's primary key.
select k.n,
       s.id, s.experiment_id, s.participant_identifier, s.participant_remote_id, s.created_at, s.updated_at, s.status, s.platform, s.tags, s.state
from unnest($1::bigint[], $2::text[]) with ordinality as k (team_id, id, n)
join session s on s.team_id = k.team_id and s.id = k.id
