-- A new secret in place of the old one.
-- $1 id, $2 its hash.
update oauth_application
set client_secret_hash = $2::text
where id = $1::int8
