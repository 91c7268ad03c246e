-- What callers' Idempotency-Keys stand for. The previous release passes over it.
create table idempotency_key
(
    team_id    bigint      not null,
    key_sha256 bytea       not null check (octet_length(key_sha256) = 32),
    request_sha256 bytea   not null check (octet_length(request_sha256) = 32),
    session_id text collate "C" not null, -- Chosen before the session is made: it may not be there yet.
    created_at timestamptz not null,
    primary key (team_id, key_sha256)
);
create index idempotency_key_by_time on idempotency_key (created_at);
