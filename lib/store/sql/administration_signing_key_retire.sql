-- A key signs no more.
-- $1 kid, $2 now.
update oauth_signing_key
set retired_at = $2::timestamptz
where kid = $1::text
