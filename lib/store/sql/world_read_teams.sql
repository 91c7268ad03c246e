-- Teams, for a dump. No parameters.
select id, slug, name, api_rate_limit, created_at
from team
order by id
