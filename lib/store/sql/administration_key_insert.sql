-- A new API key: its digest.
-- $1 digest, $2 prefix, $3 team, $4 user, $5 name, $6 read_only, $7 expiry ('': never), $8 now. Rows: id.
insert into api_key (key_sha256, prefix, team_id, user_id, name, read_only, expires_at, created_at)
values ($1::bytea, $2::text, $3::int8, $4::int8, $5::text, $6::bool, nullif($7::text, '')::timestamptz, $8::timestamptz)
returning id
