-- Nobody else gives or revokes a token of this refresh token's family until the transaction ends. A statement of its own, before those that change
-- rows: what was committed while it waited must be seen by them.
-- $1 digest of the refresh token. Rows: one, or none.
select pg_advisory_xact_lock(hashtextextended(family::text, 0))
from oauth_refresh_token
where token_sha256 = $1::bytea and family is not null
