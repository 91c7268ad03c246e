-- A hash of today's kind for the same client secret.
-- $1 application, $2 the old hash, $3 the new one.
update oauth_application
set client_secret_hash = $3::text
where id = $1::int8 and client_secret_hash = $2::text
