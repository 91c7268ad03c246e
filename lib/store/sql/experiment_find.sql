-- Chatbots by id, of whichever team: for the cache that answers take them from.
--
-- Parameters: $1 ids.
-- Columns: id, team_id, name, description, version_number, is_archived.
-- Index: experiment's primary key.
select e.id, e.team_id, e.name, e.description, e.version_number, e.is_archived
from unnest($1::uuid[]) as k (id)
join experiment e on e.id = k.id
