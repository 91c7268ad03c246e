-- Everything that came from one authorization dies.
-- $1 family, $2 now.
-- Index: oauth_access_token_by_family, oauth_refresh_token_by_family.
with dead as
(
    delete from oauth_access_token
    where family = $1::uuid
)
update oauth_refresh_token
set revoked_at = $2::timestamptz
where family = $1::uuid and revoked_at is null
