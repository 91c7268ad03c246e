-- A page of the sessions of one chatbot: one page for each element of the arrays, in the order of the arrays.
--
-- Parameters: $1 teams, $2 and $3 the place behind which each page begins (created_at, id), $4 whether to count, $5 experiments.
-- Written into the text: see session_list.
-- Columns: as session_list.
-- Index: session_by_experiment; the total from session_count's primary key.
select k.n, k.total,
       s.id, s.experiment_id, s.participant_identifier, s.participant_remote_id, s.created_at, s.updated_at, s.status, s.platform, s.tags,
       case when octet_length(s.state) <= 16384 then s.state end, case when octet_length(s.state) > 16384 then octet_length(s.state) end
from (
    select k.team_id, k.created_at, k.id, k.experiment_id, k.n,
           case when k.with_count
                then (select coalesce(sum(c.sessions), 0)::bigint from session_count c where c.team_id = :team and c.experiment_id = k.experiment_id)
           end as total
    from unnest($1::bigint[], $2::timestamptz[], $3::text[], $4::boolean[], $5::uuid[])
         with ordinality as k (team_id, created_at, id, with_count, experiment_id, n)
    offset 0 -- Counted once a page, not once a row.
) k
left join lateral (
    select *
    from session x
    where x.team_id = :team
      and x.experiment_id = k.experiment_id
      and (x.created_at, x.id) :before (k.created_at, k.id)
    order by x.created_at :way, x.id :way
    limit :limit
) s on true
