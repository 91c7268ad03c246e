-- A page of each team's sessions: one page for each element of the arrays, in the order of the arrays.
--
-- Parameters: $1 teams, $2 and $3 the place behind which each page begins (created_at, id; infinity for no place), $4 whether to count.
-- Written into the text: :before and :way the direction of reading, :limit the rows of a page and one more. A limit as a parameter would
-- make PostgreSQL plan every execution anew. :team is the page's own team, k.team_id; on a database that is spread by team, where all pages are of
-- one team, a parameter behind the others: Citus takes the statement only where it sees that it is for one node.
-- Columns: n (place in the arrays, from 1), total (null: not asked for), then the session, then the bytes of a state that is left out because it
-- is long (see session_list_states); a team without a page has one row of nulls.
-- Index: session_by_creation; the total from session_count's primary key.
select k.n, k.total,
       s.id, s.experiment_id, s.participant_identifier, s.participant_remote_id, s.created_at, s.updated_at, s.status, s.platform, s.tags,
       case when octet_length(s.state) <= 16384 then s.state end, case when octet_length(s.state) > 16384 then octet_length(s.state) end
from (
    select k.team_id, k.created_at, k.id, k.n,
           case when k.with_count
                then (select coalesce(sum(c.sessions), 0)::bigint from session_count c where c.team_id = :team)
           end as total
    from unnest($1::bigint[], $2::timestamptz[], $3::text[], $4::boolean[]) with ordinality as k (team_id, created_at, id, with_count, n)
    offset 0 -- Counted once a page, not once a row.
) k
left join lateral (
    select *
    from session x
    where x.team_id = :team
      and (x.created_at, x.id) :before (k.created_at, k.id)
    order by x.created_at :way, x.id :way
    limit :limit
) s on true
