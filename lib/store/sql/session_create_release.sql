-- The Idempotency-Key stands for nothing any more, unless its session was made.
--
-- Parameters: $1 team, $2 digest of the key.
-- Columns: none.
-- Index: idempotency_key's primary key, session's.
delete from idempotency_key k
where k.team_id = $1::bigint and k.key_sha256 = $2::bytea
    and not exists (select 1 from session s where s.team_id = k.team_id and s.id = k.session_id)
