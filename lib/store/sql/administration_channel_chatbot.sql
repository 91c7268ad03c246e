-- The chatbot that a channel is to be made for: a head, not a version.
-- $1 id. Rows: team id, slug, name, is a version, is archived; one or none.
select team.id, team.slug, experiment.name, experiment.working_id is not null, experiment.is_archived
from experiment
join team on team.id = experiment.team_id
where experiment.id = $1::uuid
