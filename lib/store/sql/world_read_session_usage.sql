-- What a portion of sessions used.
-- $1 teams, $2 numbers of sessions. Index: session_usage_pkey.
select used.team_id, used.session_number, used.model, used.kind, used.quantity, used.cost, used.source
from unnest($1::int8[], $2::int8[]) as wanted (team_id, session_number)
join session_usage used on used.team_id = wanted.team_id and used.session_number = wanted.session_number
order by used.session_number, used.team_id, used.position
