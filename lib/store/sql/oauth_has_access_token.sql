-- Whether a token was kept: asked when the answer to a commit was lost.
-- $1 digest. Rows: one, or none.
select 1
from oauth_access_token
where token_sha256 = $1::bytea
