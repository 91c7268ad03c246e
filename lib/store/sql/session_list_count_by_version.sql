-- How many sessions session_list_by_facet has on all its pages where the only filters are one version tag and, perhaps, a chatbot.
--
-- Parameters: $1 team, $2 version tag, $3 experiment, $4 whether it matters.
-- Columns: count.
-- Index: session_version_count's primary key.
select coalesce(sum(c.sessions), 0)::bigint
from session_version_count c
where c.team_id = $1::bigint and c.version = $2::text and (not $4::boolean or c.experiment_id = $3::uuid)
