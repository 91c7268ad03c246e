-- Lets a user in or shuts them out.
-- $1 e-mail, $2 is_active. Rows: id; none when there is no such user.
update app_user
set is_active = $2::bool
where email = $1::text
returning id
