-- The files of a portion of sessions.
-- Parameters: one array for each column, in this order. Rows: none.
insert into session_file
(
    team_id, session_number, file_id
)
select
    given.team_id, given.session_number, given.file_id
from unnest(
    $1::int8[], $2::int8[], $3::int8[]
) as given (
    team_id, session_number, file_id
)
