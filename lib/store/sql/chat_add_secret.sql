-- A new key of session tokens.
-- $1 the key, $2 time. Rows: its id.
insert into service_secret (purpose, secret, created_at)
values ('chat-session-token', $1::text, $2::timestamptz)
returning id
