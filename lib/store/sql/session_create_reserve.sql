-- Keeps what an Idempotency-Key stands for, unless it stands for something younger than 24 hours.
--
-- Parameters: $1 team, $2 digest of the key, $3 digest of the request, $4 the session's id, $5 its time of creation.
-- Columns: one row when it was kept, none when the key is taken.
-- Index: idempotency_key's primary key.
insert into idempotency_key as k (team_id, key_sha256, request_sha256, session_id, created_at)
values ($1::bigint, $2::bytea, $3::bytea, $4::text, $5::timestamptz)
on conflict (team_id, key_sha256) do update
    set request_sha256 = excluded.request_sha256, session_id = excluded.session_id, created_at = excluded.created_at
    where k.created_at <= excluded.created_at - interval '24 hours'
returning 1
