-- Roles of a world. One that is there already takes the world's permissions, unless somebody has it: then it stays as it is.
-- $1 names, $2 array literals of permissions. Rows: the names that were written.
insert into role (name, permissions)
select given.name, given.permissions::text[]
from unnest($1::text[], $2::text[]) as given (name, permissions)
on conflict (name) do update
set permissions = excluded.permissions
where not exists (select from membership where role.name = any (membership.roles))
   or (role.permissions @> excluded.permissions and role.permissions <@ excluded.permissions)
returning name
