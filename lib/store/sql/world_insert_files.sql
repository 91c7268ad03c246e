-- Files of a world: names and sizes, not their content.
-- Parameters: one array for each column, in this order. Rows: none.
insert into file
(
    team_id, id, name, content_type, size, external_id
)
select
    given.team_id, given.id, given.name, given.content_type, given.size, given.external_id
from unnest(
    $1::int8[], $2::int8[], $3::text[], $4::text[], $5::int8[], $6::text[]
) as given (
    team_id, id, name, content_type, size, external_id
)
