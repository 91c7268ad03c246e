-- The files of a portion of sessions.
-- $1 teams, $2 numbers of sessions. Index: session_file_pkey.
select session_file.team_id, session_file.session_number, session_file.file_id
from unnest($1::int8[], $2::int8[]) as wanted (team_id, session_number)
join session_file on session_file.team_id = wanted.team_id and session_file.session_number = wanted.session_number
order by session_file.session_number, session_file.team_id, session_file.file_id
