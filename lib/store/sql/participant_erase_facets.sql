-- Under which names a portion of sessions was found: tags of the session, and tags of its messages; and that it counted for its version tags.
-- $1 team, $2 numbers and $3 ids of the sessions, which are locked. Rows: none.
-- Index: session_facet's and session_version_count's primary keys.
with theirs as materialized (
    select s.number, s.created_at, s.id, s.experiment_id, s.tag_names
    from session s
    where s.team_id = $1::int8 and s.number = any ($2::int8[]) and s.id = any ($3::text[])
),
facets as (
    select 1::int2 as facet, v.name collate "C" as value, t.created_at, t.id, t.experiment_id
    from theirs t
    cross join lateral unnest(t.tag_names) as v (name)
    union
    select 2::int2, g.name, t.created_at, t.id, t.experiment_id
    from theirs t
    join message m on m.team_id = $1::int8 and m.session_number = t.number
    join tag g on g.team_id = $1::int8 and g.id = any (m.tag_ids)
),
gone as (
    delete from session_facet f
    using facets g
    where f.team_id = $1::int8 and f.facet = g.facet and f.value = g.value and f.created_at = g.created_at and f.session_id = g.id
    returning f.facet, f.value, g.experiment_id
)
insert into session_version_count (team_id, version, experiment_id, sessions)
select $1::int8, g.value, g.experiment_id, -count(*)
from gone g
where g.facet = 2
group by g.value, g.experiment_id
order by g.value, g.experiment_id
on conflict (team_id, version, experiment_id) do update set sessions = session_version_count.sessions + excluded.sessions
