-- The active keys, oldest first. Rows: kid, private key, created_at.
select kid, private_pem, created_at
from oauth_signing_key
where retired_at is null
order by created_at, kid
