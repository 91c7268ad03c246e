-- The published versions of a chatbot.
-- $1 its team, $2 its id. Rows: id, name, version_number, is_default, version_description; ascending by number.
-- Index: experiment_by_team.
select e.id, e.name, e.version_number, e.is_default, e.version_description
from experiment e
where e.team_id = $1::int8 and e.working_id = $2::uuid and not e.is_archived
order by e.version_number, e.id
