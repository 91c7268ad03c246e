-- What a portion of sessions used.
-- Parameters: one array for each column, in this order. Rows: none.
insert into session_usage
(
    team_id, session_number, position, model, kind, quantity, cost, source
)
select
    given.team_id, given.session_number, given.position, given.model, given.kind, given.quantity::numeric,
    given.cost::numeric, given.source
from unnest(
    $1::int8[], $2::int8[], $3::int4[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[]
) as given (
    team_id, session_number, position, model, kind, quantity, cost, source
)
