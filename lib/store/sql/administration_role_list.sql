-- All roles. No parameters. Rows: name, permissions (JSON), members.
select name, array_to_json(permissions) as permissions, (select count(*) from membership where role.name = any (membership.roles)) as members
from role
order by name collate "C"
