-- Takes tags from sessions, each session named once: every tag of these names that is not a system tag, whatever its category.
--
-- Parameters: $1 teams, $2 ids, $3 and $4 the first and last place of each session's names in $5.
-- Columns: n (place in the arrays, from 1), the names of all tags left in the order they were attached, as a JSON array.
-- Index: session's primary key, session_facet's primary key. After session_remove_tags_lock, in the same transaction.
with changed as (
    update session s
    set (tag_ids, tag_names, tags) = (
        select coalesce(array_agg(a.id order by a.place), '{}'), coalesce(array_agg(a.name order by a.place), '{}'),
               coalesce(array_to_json(array_agg(a.name order by a.id))::text, '[]')
        from unnest(s.tag_ids, s.tag_names) with ordinality as a (id, name, place)
        where a.id = any (s.system_tag_ids) or a.name <> all (($5::text[])[k.first:k.last])
    )
    from unnest($1::bigint[], $2::text[], $3::integer[], $4::integer[]) with ordinality as k (team_id, id, first, last, n)
    where s.team_id = k.team_id and s.id = k.id
    returning k.n, k.first, k.last, s.team_id, s.id, s.created_at, s.tag_names
),
gone as (
    delete from session_facet f
    using changed c
    cross join lateral unnest(($5::text[])[c.first:c.last]) as v (name)
    where f.team_id = c.team_id and f.facet = 1 and f.value = v.name and f.created_at = c.created_at and f.session_id = c.id
      and v.name <> all (c.tag_names) -- A system tag of that name stays.
)
select c.n, array_to_json(c.tag_names)::text
from changed c
