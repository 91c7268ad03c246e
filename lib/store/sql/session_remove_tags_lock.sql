-- Takes the rows of sessions, in the order of their keys: what session_remove_tags reads next is then the newest, in every table.
--
-- Parameters: $1 teams, $2 ids.
-- Columns: none.
-- Index: session's primary key.
select
from unnest($1::bigint[], $2::text[]) as k (team_id, id)
join session s on s.team_id = k.team_id and s.id = k.id
for update of s
