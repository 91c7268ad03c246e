-- Makes the user tags that teams lack, in the order of their keys.
--
-- Parameters: $1 teams, $2 names; a pair may stand more than once.
-- Columns: none.
-- Index: tag's unique key.
insert into tag (team_id, name)
select distinct k.team_id, k.name collate "C"
from unnest($1::bigint[], $2::text[]) as k (team_id, name)
order by 1, 2
on conflict (team_id, name, category, is_system) do nothing
