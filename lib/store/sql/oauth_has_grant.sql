-- Whether a code could be redeemed.
-- $1 digest of the code, $2 application, $3 now. Rows: one, or none.
select 1
from oauth_grant
where code_sha256 = $1::bytea and application_id = $2::int8 and redeemed_at is null and expires_at > $3::timestamptz
