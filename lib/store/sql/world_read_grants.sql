-- OAuth codes that are not yet redeemed, for a dump. No parameters.
select
    encode(code_sha256, 'hex') as code_sha256, application_id, user_id, team_id, scope, redirect_uri, code_challenge,
    code_challenge_method, nonce, expires_at, created_at
from oauth_grant
where redeemed_at is null
order by code_sha256
