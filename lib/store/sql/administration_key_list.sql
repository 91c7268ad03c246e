-- The keys of a team, or of all.
-- $1 slug, or '' for all. Rows: id, prefix, name, slug, email, read_only, is_revoked, expires_at, created_at.
select api_key.id, api_key.prefix, api_key.name, team.slug, app_user.email, api_key.read_only, api_key.is_revoked, api_key.expires_at,
    api_key.created_at
from api_key
join team on team.id = api_key.team_id
join app_user on app_user.id = api_key.user_id
where $1::text = '' or team.slug = $1::text
order by team.slug collate "C", api_key.id
