-- A key opens nothing any more.
-- $1 id.
update api_key
set is_revoked = true
where id = $1::int8
