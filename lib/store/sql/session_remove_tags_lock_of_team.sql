-- As session_remove_tags_lock, for sessions of one team: on a database that is spread by team rows are locked on one node at a time.
--
-- Parameters: $1 team, $2 ids.
-- Columns: none.
-- Index: session's primary key.
select
from session s
where s.team_id = $1::bigint and s.id = any ($2::text[])
for update of s
