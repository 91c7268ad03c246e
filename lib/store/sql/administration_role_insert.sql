-- A new role.
-- $1 name, $2 permissions. Rows: name; none when there is one of this name.
insert into role (name, permissions)
values ($1::text, $2::text[])
on conflict (name) do nothing
returning name
