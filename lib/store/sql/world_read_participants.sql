-- Participants, for a dump. No parameters.
select id, team_id, platform, identifier, remote_id, name, user_id
from participant
order by id
