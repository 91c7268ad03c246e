-- All keys, oldest first. Rows: kid, created_at, retired_at (null: active).
select kid, created_at, retired_at
from oauth_signing_key
order by created_at, kid
