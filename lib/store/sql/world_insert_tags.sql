-- Tags of a world. Their ids ascend in the order in which they were created.
-- Parameters: one array for each column, in this order. Rows: none.
insert into tag
(
    team_id, id, name, category, is_system
)
select
    given.team_id, given.id, given.name, given.category, given.is_system
from unnest(
    $1::int8[], $2::int8[], $3::text[], $4::text[], $5::bool[]
) as given (
    team_id, id, name, category, is_system
)
