-- Teams of a world.
-- Parameters: one array for each column, in this order. Rows: none.
insert into team
(
    id, slug, name, api_rate_limit, created_at
)
select
    given.id, given.slug, given.name, given.api_rate_limit, given.created_at
from unnest(
    $1::int8[], $2::text[], $3::text[], $4::text[], $5::timestamptz[]
) as given (
    id, slug, name, api_rate_limit, created_at
)
