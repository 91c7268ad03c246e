-- Tags in the order in which they were created, for a dump. No parameters.
select id, team_id, name, category, is_system
from tag
order by id
