-- Holds the rows under which a team knows somebody against whoever starts a chat for them, and says which are left.
-- $1 team, $2 ids of participants. Rows: id.
-- Index: participant's primary key.
select p.id
from participant p
where p.team_id = $1::int8 and p.id = any ($2::int8[])
order by p.id
for update
