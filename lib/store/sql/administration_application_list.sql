-- Applications pinned to a team, or all; or one application.
-- $1 slug, or '' for all; $2 id, or 0 for all. Rows: id, client_id, name, client_type, grant_type, slug (null: not pinned), redirect_uris (JSON),
-- allowed_scopes (JSON; null: all), allowed_experiments (JSON), is_resource_server, e-mail of the owner (null: none), has a secret, created_at.
select a.id, a.client_id, a.name, a.client_type, a.grant_type, team.slug, array_to_json(a.redirect_uris), array_to_json(a.allowed_scopes),
    array_to_json(a.allowed_experiments), a.is_resource_server, app_user.email, a.client_secret_hash <> '', a.created_at
from oauth_application a
left join team on team.id = a.team_id
left join app_user on app_user.id = a.owner_id
where ($1::text = '' or team.slug = $1::text) and ($2::int8 = 0 or a.id = $2::int8)
order by a.name collate "C", a.id
