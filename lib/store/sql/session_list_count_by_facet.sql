-- How many sessions session_list_by_facet has on all its pages. A session counts once, however many of the values it has.
--
-- Parameters: $1 team, $2 facet, $3 its values, $4 the other facet (0: none), $5 its values, $6 experiment, $7 whether it matters.
-- Columns: count.
-- Index: session_facet's primary key (reading, index only, and probing), session_by_experiment (probing).
select case when cardinality($3::text[]) = 1
       then (select count(*)
             from session_facet x
             where x.team_id = $1::bigint and x.facet = $2::smallint and x.value = ($3::text[])[1]
               and ($4::smallint = 0 or (
                   select true
                   from session_facet p
                   where p.team_id = x.team_id and p.facet = $4::smallint and p.value = any ($5::text[])
                     and p.created_at = x.created_at and p.session_id = x.session_id
                   limit 1))
               and (not $7::boolean or (
                   select true
                   from session e
                   where e.team_id = x.team_id and e.experiment_id = $6::uuid and e.created_at = x.created_at and e.id = x.session_id)))
       else (select count(*)
             from (select distinct x.session_id
                   from session_facet x
                   where x.team_id = $1::bigint and x.facet = $2::smallint and x.value = any ($3::text[])
                     and ($4::smallint = 0 or (
                         select true
                         from session_facet p
                         where p.team_id = x.team_id and p.facet = $4::smallint and p.value = any ($5::text[])
                           and p.created_at = x.created_at and p.session_id = x.session_id
                         limit 1))
                     and (not $7::boolean or (
                         select true
                         from session e
                         where e.team_id = x.team_id and e.experiment_id = $6::uuid and e.created_at = x.created_at and e.id = x.session_id))) d)
       end
