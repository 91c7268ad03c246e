-- The messages of a portion of sessions.
-- $1 teams, $2 numbers of sessions. Index: message_pkey.
select message.team_id, message.session_number, message.created_at, message.rendered, message.original_metadata,
    array_to_json(message.tag_ids) as tag_ids
from unnest($1::int8[], $2::int8[]) as wanted (team_id, session_number)
join message on message.team_id = wanted.team_id and message.session_number = wanted.session_number
order by message.session_number, message.team_id, message.position
