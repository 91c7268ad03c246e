-- $1 digest of the cookie.
delete from browser_session
where cookie_sha256 = $1::bytea
