-- Adds this replica's counts to everybody's and answers with the sums, in the order of the keys, so that replicas cannot wait for each
-- other in a circle. A count of zero only asks.
--
-- Parameters: $1 scopes, $2 identities, $3 beginnings of windows, $4 their lengths in seconds, $5 counts; each key once.
-- Columns: scope, identity, window_start, window_seconds, count.
-- Index: rate_count's primary key.
with added as (
    insert into rate_count (scope, identity, window_start, window_seconds, count)
    select k.scope, k.identity, k.window_start, k.window_seconds, k.count
    from unnest($1::smallint[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[]) as k (scope, identity, window_start, window_seconds, count)
    where k.count <> 0
    order by k.scope, k.identity collate "C", k.window_start, k.window_seconds
    on conflict (scope, identity, window_start, window_seconds) do update set count = rate_count.count + excluded.count
    returning scope, identity, window_start, window_seconds, count
)
select a.scope, a.identity, a.window_start, a.window_seconds, a.count
from added a
union all
select c.scope, c.identity, c.window_start, c.window_seconds, c.count
from unnest($1::smallint[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[]) as k (scope, identity, window_start, window_seconds, count)
join rate_count c on c.scope = k.scope and c.identity = k.identity and c.window_start = k.window_start and c.window_seconds = k.window_seconds
where k.count = 0
