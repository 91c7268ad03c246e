-- A chatbot that can be talked to: not a version of one, and not archived.
-- $1 its id. Rows: id, team_id, name, version_number; one or none.
-- Index: the primary key of experiment.
select e.id, e.team_id, e.name, e.version_number
from experiment e
where e.id = $1::uuid and e.working_id is null and not e.is_archived
