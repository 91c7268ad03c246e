-- $1 digest of the cookie, $2 now.
update browser_session
set last_seen_at = $2::timestamptz
where cookie_sha256 = $1::bytea
