-- OAuth codes of a world that are not yet redeemed: digests only.
-- Parameters: one array for each column, in this order. Rows: none.
insert into oauth_grant
(
    code_sha256, application_id, user_id, team_id, scope, redirect_uri, code_challenge, code_challenge_method, nonce,
    expires_at, auth_time, created_at
)
select
    given.code_sha256, given.application_id, given.user_id, given.team_id, given.scope, given.redirect_uri,
    given.code_challenge, given.code_challenge_method, given.nonce, given.expires_at, given.auth_time, given.created_at
from unnest(
    $1::bytea[], $2::int8[], $3::int8[], $4::int8[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
    $10::timestamptz[], $11::timestamptz[], $12::timestamptz[]
) as given (
    code_sha256, application_id, user_id, team_id, scope, redirect_uri, code_challenge, code_challenge_method, nonce,
    expires_at, auth_time, created_at
)
