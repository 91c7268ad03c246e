\set i random(1, :sessions)
\set n random(1, 1000000)
update session s
set state = '{"step":' || :n || ',"lang":"en","flags":["a","b"]}', updated_at = now()
from bench_session b
where b.i = :i and s.team_id = b.team_id and s.id = b.id;
