-- Another password for a user.
-- $1 e-mail, $2 its hash, or '' for none. Rows: id; none when there is no such user.
update app_user
set password_hash = $2::text
where email = $1::text
returning id
