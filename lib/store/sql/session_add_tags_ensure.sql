-- Makes the user tags that teams lack. Their ids ascend in the order in which they were named, which is the order answers show; the rows are
-- written in the order of their keys, so that lanes cannot wait for each other in a circle.
--
-- Parameters: $1 teams, $2 names; a pair may stand more than once.
-- Columns: none.
-- Index: tag's unique key.
insert into tag (team_id, id, name)
select numbered.team_id, numbered.id, numbered.name
from (
    select named.team_id, named.name, nextval(pg_get_serial_sequence('tag', 'id')) as id
    from (
        select k.team_id, k.name collate "C" as name
        from unnest($1::bigint[], $2::text[]) with ordinality as k (team_id, name, place)
        group by 1, 2
        order by min(k.place)
    ) named
) numbered
order by numbered.team_id, numbered.name
on conflict (team_id, name, category, is_system) do nothing
