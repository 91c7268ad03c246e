-- The keys that can be meant, locked: those of this id, else those of this prefix or name.
-- $1 id or 0, $2 prefix or name, $3 slug of the team, or '' for any. Rows: id, prefix, name, team_id, slug, user_id, email, read_only, is_revoked,
-- expires_at.
select api_key.id, api_key.prefix, api_key.name, api_key.team_id, team.slug, api_key.user_id, app_user.email, api_key.read_only,
    api_key.is_revoked, api_key.expires_at
from api_key
join team on team.id = api_key.team_id
join app_user on app_user.id = api_key.user_id
where ($1::int8 <> 0 and api_key.id = $1::int8 or $1::int8 = 0 and (api_key.prefix = $2::text or api_key.name = $2::text))
  and ($3::text = '' or team.slug = $3::text)
order by api_key.id
for update of api_key
