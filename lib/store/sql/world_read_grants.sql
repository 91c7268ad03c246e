-- OAuth codes that can still be redeemed, for a dump: a burnt one must not come back to life. No parameters.
select
    encode(code_sha256, 'hex') as code_sha256, application_id, user_id, team_id, scope, redirect_uri, code_challenge,
    code_challenge_method, nonce, expires_at, auth_time, created_at
from oauth_grant
where redeemed_at is null
order by oauth_grant.code_sha256
