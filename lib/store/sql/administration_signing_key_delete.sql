-- A key is no more.
-- $1 kid.
delete from oauth_signing_key
where kid = $1::text
