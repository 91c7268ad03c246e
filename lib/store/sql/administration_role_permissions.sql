-- Other permissions for a role.
-- $1 name, $2 permissions. Rows: name; none when there is no such role.
update role
set permissions = $2::text[]
where name = $1::text
returning name
