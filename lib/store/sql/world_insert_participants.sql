-- Participants of a world.
-- Parameters: one array for each column, in this order. Rows: none.
insert into participant
(
    team_id, id, platform, identifier, remote_id, name, user_id
)
select
    given.team_id, given.id, given.platform, given.identifier, given.remote_id, given.name, given.user_id
from unnest(
    $1::int8[], $2::int8[], $3::text[], $4::text[], $5::text[], $6::text[], $7::int8[]
) as given (
    team_id, id, platform, identifier, remote_id, name, user_id
)
