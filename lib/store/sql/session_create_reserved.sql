-- What an Idempotency-Key stands for.
--
-- Parameters: $1 team, $2 digest of the key.
-- Columns: digest of the request (hexadecimal), the session's id, its time of creation.
-- Index: idempotency_key's primary key.
select encode(k.request_sha256, 'hex'), k.session_id, k.created_at
from idempotency_key k
where k.team_id = $1::bigint and k.key_sha256 = $2::bytea
