-- $1 digest, $2 application. Rows: one, or none.
delete from oauth_access_token
where token_sha256 = $1::bytea and application_id = $2::int8
returning 1
