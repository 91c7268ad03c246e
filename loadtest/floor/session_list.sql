-- The newest 25 sessions of a team, and one more row that tells whether there are others; and how many there are in all.
\set i random(1, :sessions)
select s.id, s.experiment_id, s.participant_identifier, s.participant_remote_id, s.created_at, s.updated_at, s.status, s.platform, s.tags, s.state
from session s
where s.team_id = (select b.team_id from bench_session b where b.i = :i)
order by s.created_at desc, s.id desc
limit 26;
select sum(c.sessions) from session_count c where c.team_id = (select b.team_id from bench_session b where b.i = :i);
