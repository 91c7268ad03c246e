-- How many sessions of each experiment hold a version tag by a load.
-- $1 teams, $2 version tags, $3 experiments, $4 how many; in order, so that two loads cannot wait for each other in a circle. Rows: none.
insert into session_version_count (team_id, version, experiment_id, sessions)
select given.team_id, given.version, given.experiment_id, given.sessions
from unnest($1::int8[], $2::text[], $3::uuid[], $4::int8[]) as given (team_id, version, experiment_id, sessions)
order by given.team_id, given.version collate "C", given.experiment_id
on conflict (team_id, version, experiment_id) do update
set sessions = session_version_count.sessions + excluded.sessions
