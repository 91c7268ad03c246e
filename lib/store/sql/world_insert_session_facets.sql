-- Under which names a portion of sessions is found.
-- Parameters: one array for each column, in this order. Rows: none.
insert into session_facet
(
    team_id, facet, value, created_at, session_id
)
select
    given.team_id, given.facet, given.value, given.created_at, given.session_id
from unnest(
    $1::int8[], $2::int2[], $3::text[], $4::timestamptz[], $5::text[]
) as given (
    team_id, facet, value, created_at, session_id
)
