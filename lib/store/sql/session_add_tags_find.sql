-- The user tags of these names.
--
-- Parameters: $1 teams, $2 names.
-- Columns: n (place in the arrays, from 1), id.
-- Index: tag's unique key.
select k.n, t.id
from unnest($1::bigint[], $2::text[]) with ordinality as k (team_id, name, n)
join tag t on t.team_id = k.team_id and t.name = k.name and t.category = '' and not t.is_system
