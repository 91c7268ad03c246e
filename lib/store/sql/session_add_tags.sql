-- Attaches tags to sessions, each session named once, in the order of their keys. What becomes of the row follows from the row and the
-- parameters alone, so that a change by somebody else, for which the statement waited, is not lost.
--
-- Parameters: $1 teams, $2 ids, $3 and $4 the first and last place of each session's tags in $5 (tag ids) and $6 (their names).
-- Columns: n (place in the arrays, from 1), the names of all tags in the order they were attached, as a JSON array.
-- Index: session's primary key, session_facet's primary key.
with changed as (
    update session s
    set (tag_ids, tag_names, tags) = (
        select b.ids, b.names,
               (select coalesce(array_to_json(array_agg(a.name order by a.id))::text, '[]') from unnest(b.ids, b.names) as a (id, name))
        from (
            select s.tag_ids || added.ids as ids, s.tag_names || added.names as names
            from (
                select coalesce(array_agg(new.id), '{}') as ids, coalesce(array_agg(new.name), '{}') as names
                from unnest(($5::bigint[])[k.first:k.last], ($6::text[])[k.first:k.last]) as new (id, name)
                where new.id <> all (s.tag_ids)
            ) added
            offset 0 -- Worked out once, not once for each use.
        ) b
    )
    from unnest($1::bigint[], $2::text[], $3::integer[], $4::integer[]) with ordinality as k (team_id, id, first, last, n)
    where s.team_id = k.team_id and s.id = k.id
    returning k.n, k.first, k.last, s.team_id, s.id, s.created_at, array_to_json(s.tag_names)::text as names
),
noted as (
    insert into session_facet (team_id, facet, value, created_at, session_id)
    select c.team_id, 1, v.name, c.created_at, c.id
    from changed c
    cross join lateral unnest(($6::text[])[c.first:c.last]) as v (name)
    on conflict do nothing
)
select c.n, c.names
from changed c
