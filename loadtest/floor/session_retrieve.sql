-- One session with its messages, found by its key. :sessions and bench_session (number to key) come from bench.py.
\set i random(1, :sessions)
select s.id, s.experiment_id, s.participant_identifier, s.participant_remote_id, s.created_at, s.updated_at, s.status, s.platform, s.tags, s.state,
       s.usage, s.has_links,
       (select string_agg(m.rendered, ',')
        from (select x.rendered from message x where x.team_id = s.team_id and x.session_number = s.number order by x.position) m)
from bench_session b
join session s on s.team_id = b.team_id and s.id = b.id
where b.i = :i;
