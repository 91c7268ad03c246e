-- All keys, oldest first: a retired one is still published for a while. Rows: kid, private key, created_at, retired_at (null: active).
select kid, private_pem, created_at, retired_at
from oauth_signing_key
order by created_at, kid
