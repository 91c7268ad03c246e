-- A new key.
-- $1 kid, $2 private key, $3 now. Rows: one; none when there is this key already.
insert into oauth_signing_key (kid, private_pem, created_at)
values ($1::text, $2::text, $3::timestamptz)
on conflict (kid) do nothing
returning 1
