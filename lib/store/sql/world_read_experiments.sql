-- Chatbots and their versions, for a dump. No parameters.
select
    id, team_id, name, description, working_id, version_number, is_default, is_archived, version_description,
    array_to_json(allowlist) as allowlist, created_at
from experiment
order by id
