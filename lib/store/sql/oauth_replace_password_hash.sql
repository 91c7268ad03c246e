-- A hash of today's kind for the same password.
-- $1 user, $2 the old hash, $3 the new one.
update app_user
set password_hash = $3::text
where id = $1::int8 and password_hash = $2::text
