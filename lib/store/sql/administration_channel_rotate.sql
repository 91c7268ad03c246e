-- Another embed key for a channel; the old one opens nothing any more.
-- $1 id, $2 digest of the key.
update channel
set embed_key_sha256 = $2::bytea
where id = $1::int8
