-- A key opens nothing any more from then on, or from earlier if that was its end before.
-- $1 id, $2 time.
update api_key
set expires_at = least(expires_at, $2::timestamptz)
where id = $1::int8
