-- Kills a token and everything of the same authorization.
-- $1 digest, $2 its family (an array of one, or of a null), $3 now. Rows: one: access tokens, refresh tokens.
with pair as -- Without a family a refresh token still names its access token.
(
    select access_token_sha256 as access, token_sha256 as refresh
    from oauth_refresh_token
    where token_sha256 = $1::bytea or access_token_sha256 = $1::bytea
),
access_tokens as
(
    delete from oauth_access_token
    where token_sha256 = $1::bytea or family = ($2::uuid[])[1] or token_sha256 in (select access from pair)
    returning 1
),
refresh_tokens as
(
    update oauth_refresh_token
    set revoked_at = $3::timestamptz
    where (token_sha256 in (select refresh from pair) or family = ($2::uuid[])[1]) and revoked_at is null
    returning 1
)
select (select count(*) from access_tokens), (select count(*) from refresh_tokens)
