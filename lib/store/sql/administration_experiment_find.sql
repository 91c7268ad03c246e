-- A chatbot or a version of one, locked.
-- $1 id. Rows: slug, name, working_id, version_number, is_archived; none when there is none of this id.
select team.slug, experiment.name, experiment.working_id, experiment.version_number, experiment.is_archived
from experiment
join team on team.id = experiment.team_id
where experiment.id = $1::uuid
for update of experiment
