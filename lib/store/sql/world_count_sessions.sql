-- How many sessions each experiment has got by a load.
-- $1 teams, $2 experiments, $3 how many. Slot 0 is as good as any: nobody waits for a load.
insert into session_count (team_id, experiment_id, slot, sessions)
select given.team_id, given.experiment_id, 0, given.sessions
from unnest($1::int8[], $2::uuid[], $3::int8[]) as given (team_id, experiment_id, sessions)
on conflict (team_id, experiment_id, slot) do update
set sessions = session_count.sessions + excluded.sessions
