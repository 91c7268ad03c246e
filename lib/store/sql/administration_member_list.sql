-- The members of a team, or of all.
-- $1 slug, or '' for all. Rows: slug, email, is_active, roles (JSON).
select team.slug, app_user.email, app_user.is_active, array_to_json(membership.roles) as roles
from membership
join team on team.id = membership.team_id
join app_user on app_user.id = membership.user_id
where $1::text = '' or team.slug = $1::text
order by team.slug collate "C", app_user.email collate "C"
