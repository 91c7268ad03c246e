-- A setting of the authorization server.
-- $1 name, $2 array of values.
insert into oauth_setting (name, value)
values ($1::text, $2::text[])
on conflict (name) do update
set value = excluded.value
