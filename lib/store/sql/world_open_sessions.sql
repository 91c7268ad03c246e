-- All sessions in the order in which they were written, through a cursor of the transaction. A session whose channel was deleted has none, and can
-- be come back to only with a session token: so it is while it remembers the channel. No parameters.
declare world_sessions no scroll cursor for
select
    s.team_id, s.number, s.participant_id, s.created_at, s.updated_at, s.ended_at, s.experiment_id, c.id as channel_id, s.status,
    s.token_required or (s.channel_id is not null and c.id is null) as token_required, s.id, s.platform,
    array_to_json(s.tag_ids) as tag_ids, s.state
from session s
left join channel c on c.team_id = s.team_id and c.id = s.channel_id
order by s.number
