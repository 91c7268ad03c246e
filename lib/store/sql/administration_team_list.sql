-- All teams. No parameters. Rows: slug, name, api_rate_limit, members, created_at.
select slug, name, api_rate_limit, (select count(*) from membership where team_id = team.id) as members, created_at
from team
order by slug collate "C"
