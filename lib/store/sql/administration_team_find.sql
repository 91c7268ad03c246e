-- The id of a team.
-- $1 slug. Rows: id; none when there is no such team.
select id
from team
where slug = $1::text
