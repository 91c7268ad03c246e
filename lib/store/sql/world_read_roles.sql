-- Roles, for a dump. No parameters.
select name, array_to_json(permissions) as permissions
from role
order by name collate "C"
