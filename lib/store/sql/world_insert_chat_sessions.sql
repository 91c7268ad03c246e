-- Which sessions of a world are chats that a widget can come back to. An id that another team has there already stays that team's.
-- Parameters: one array for each column, in this order. Rows: none.
insert into chat_session
(
    session_id, team_id
)
select
    given.session_id, given.team_id
from unnest(
    $1::text[], $2::int8[]
) as given (
    session_id, team_id
)
on conflict do nothing
