-- Who is in which team, and in which roles.
-- Parameters: one array for each column, in this order; of roles, array literals. Rows: none.
insert into membership
(
    team_id, user_id, roles
)
select
    given.team_id, given.user_id, given.roles::text[]
from unnest(
    $1::int8[], $2::int8[], $3::text[]
) as given (
    team_id, user_id, roles
)
