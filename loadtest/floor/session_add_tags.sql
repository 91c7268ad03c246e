-- Two of the team's tags: the arrays and the text on the row, and the rows by which lists are filtered.
\set i random(1, :sessions)
\set first random(1, 40)
\set second random(1, 40)
with wanted as (
    select b.team_id, b.id as session_id, t.id, t.name
    from bench_session b
    join tag t on t.team_id = b.team_id and t.name in ('tag-' || :first, 'tag-' || :second) and t.category = '' and not t.is_system
    where b.i = :i
),
changed as (
    update session s
    set (tag_ids, tag_names, tags) = (
        select array_agg(a.id order by a.place), array_agg(a.name order by a.place), array_to_json(array_agg(a.name order by a.id))::text
        from (
            select old.id, old.name, old.place from unnest(s.tag_ids, s.tag_names) with ordinality as old (id, name, place)
            union all
            select w.id, w.name, 1000000 from wanted w where w.id <> all (s.tag_ids)
        ) a
    )
    from bench_session b
    where b.i = :i and s.team_id = b.team_id and s.id = b.id
    returning s.team_id, s.id, s.created_at, s.tag_names
),
noted as (
    insert into session_facet (team_id, facet, value, created_at, session_id)
    select c.team_id, 1, w.name, c.created_at, c.id from changed c cross join wanted w
    on conflict do nothing
)
select tag_names from changed;
