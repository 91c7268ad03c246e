-- The rows under which a team knows somebody: one for each platform.
-- $1 team, $2 identifier, $3 platform ('': every). Rows: id, platform, remote_id, name, the user's email (null: none).
-- Index: participant's unique key.
select p.id, p.platform, p.remote_id, p.name, u.email
from participant p
left join app_user u on u.id = p.user_id
where p.team_id = $1::int8 and p.identifier = $2::text and ($3::text = '' or p.platform = $3::text)
order by p.id
