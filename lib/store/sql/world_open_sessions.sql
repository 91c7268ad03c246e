-- All sessions in the order in which they were written, through a cursor of the transaction. No parameters.
declare world_sessions no scroll cursor for
select
    team_id, number, participant_id, created_at, updated_at, ended_at, experiment_id, channel_id, status, token_required, id, platform,
    array_to_json(tag_ids) as tag_ids, state
from session
order by number
