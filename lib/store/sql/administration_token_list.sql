-- The newest tokens of a selection.
-- $1 application, $2 user, $3 team (0: any), $4 now, $5 rows at most. Rows: the digest's first 16 digits, kind, client id, the application's name,
-- e-mail (null: a machine), slug (null: none), scope, state, created_at, expires_at (null: a refresh token).
select left(encode(t.token_sha256, 'hex'), 16), t.kind, a.client_id, a.name, app_user.email, team.slug, t.scope, t.state, t.created_at,
    t.expires_at
from
(
    (
        select token_sha256, 'access' as kind, application_id, user_id, team_id, scope,
            case when expires_at > $4::timestamptz then 'live' else 'expired' end as state, created_at, expires_at
        from oauth_access_token
        where ($1::int8 = 0 or application_id = $1::int8) and ($2::int8 = 0 or user_id = $2::int8) and ($3::int8 = 0 or team_id = $3::int8)
        order by created_at desc, token_sha256
        limit $5::int8
    )
    union all
    (
        select token_sha256, 'refresh', application_id, user_id, team_id, scope,
            case when revoked_at is null then 'live' else 'revoked' end, created_at, null
        from oauth_refresh_token
        where ($1::int8 = 0 or application_id = $1::int8) and ($2::int8 = 0 or user_id = $2::int8) and ($3::int8 = 0 or team_id = $3::int8)
        order by created_at desc, token_sha256
        limit $5::int8
    )
) t
join oauth_application a on a.id = t.application_id
left join app_user on app_user.id = t.user_id
left join team on team.id = t.team_id
order by t.created_at desc, t.token_sha256
limit $5::int8
