-- Memberships, for a dump. No parameters.
select team_id, user_id, array_to_json(roles) as roles
from membership
order by team_id, user_id
