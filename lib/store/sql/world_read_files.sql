-- Files, for a dump. No parameters.
select team_id, id, name, content_type, size, external_id
from file
order by team_id, id
