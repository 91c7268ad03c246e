-- A key, unless there is an active one.
-- $1 kid, $2 private key, $3 now.
insert into oauth_signing_key (kid, private_pem, created_at)
select $1::text, $2::text, $3::timestamptz
where not exists (select from oauth_signing_key where retired_at is null)
