-- A page of a team's sessions with any of these tags (or version tags), and, where asked for, with any of another facet's values and of one
-- chatbot. Each value's rows come in order from the index, so that a page costs the same at any depth; a session stands once.
--
-- Parameters: $1 team, $2 and $3 the place behind which the page begins (created_at, id), $4 facet, $5 its values, each once,
--             $6 the other facet (0: none), $7 its values, $8 experiment, $9 whether the experiment matters.
-- Written into the text: see session_list.
-- Columns: as session_list, n always 1 and total null.
-- Index: session_facet's primary key (reading and probing), session_by_experiment (probing), session's primary key.
select 1, null,
       s.id, s.experiment_id, s.participant_identifier, s.participant_remote_id, s.created_at, s.updated_at, s.status, s.platform, s.tags,
       case when octet_length(s.state) <= 16384 then s.state end, case when octet_length(s.state) > 16384 then octet_length(s.state) end
from (
    select distinct f.created_at, f.session_id
    from unnest($5::text[]) as v (value)
    cross join lateral (
        select x.created_at, x.session_id
        from session_facet x
        where x.team_id = $1::bigint
          and x.facet = $4::smallint
          and x.value = v.value
          and (x.created_at, x.session_id) :before ($2::timestamptz, $3::text)
          and ($6::smallint = 0 or (
              select true
              from session_facet p
              where p.team_id = x.team_id and p.facet = $6::smallint and p.value = any ($7::text[])
                and p.created_at = x.created_at and p.session_id = x.session_id
              limit 1)) -- Not exists (...): PostgreSQL may answer that from a hash of the whole table.
          and (not $9::boolean or (
              select true
              from session e
              where e.team_id = x.team_id and e.experiment_id = $8::uuid and e.created_at = x.created_at and e.id = x.session_id))
        order by x.created_at :way, x.session_id :way
        limit :limit
    ) f
    order by f.created_at :way, f.session_id :way
    limit :limit
) f
join session s on s.team_id = $1::bigint and s.id = f.session_id
order by f.created_at :way, f.session_id :way
