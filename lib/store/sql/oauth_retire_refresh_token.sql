-- A refresh token has done its duty; its access token dies with it.
-- $1 digest, $2 now, $3 family for its successors, where it has none.
with retired as
(
    update oauth_refresh_token
    set revoked_at = $2::timestamptz, family = coalesce(family, $3::uuid)
    where token_sha256 = $1::bytea
    returning access_token_sha256
)
delete from oauth_access_token
using retired
where token_sha256 = retired.access_token_sha256
