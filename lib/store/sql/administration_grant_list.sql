-- What users have allowed applications to do, with the tokens that live from it; also tokens without a consent.
-- $1 application, $2 user, $3 team (0: any), $4 now. Rows: client id, the application's name, e-mail, slug (null: none), scopes (JSON), granted_at
-- (null: no consent), live access tokens, live refresh tokens.
with held as
(
    select application_id, user_id, coalesce(team_id, 0) as team_id, sum(access) as access, sum(refresh) as refresh
    from
    (
        select application_id, user_id, team_id, 1 as access, 0 as refresh
        from oauth_access_token
        where user_id is not null and expires_at > $4::timestamptz
        union all
        select application_id, user_id, team_id, 0, 1
        from oauth_refresh_token
        where revoked_at is null
    ) token
    group by 1, 2, 3
),
granted as
(
    select application_id, user_id, team_id, scopes, granted_at, access, refresh
    from oauth_consent
    full join held using (application_id, user_id, team_id)
    where ($1::int8 = 0 or application_id = $1::int8) and ($2::int8 = 0 or user_id = $2::int8) and ($3::int8 = 0 or team_id = $3::int8)
)
select a.client_id, a.name, app_user.email, team.slug, array_to_json(coalesce(g.scopes, '{}')), g.granted_at, coalesce(g.access, 0),
    coalesce(g.refresh, 0)
from granted g
join oauth_application a on a.id = g.application_id
join app_user on app_user.id = g.user_id
left join team on team.id = g.team_id
order by a.name collate "C", a.id, app_user.email collate "C", team.slug collate "C"
