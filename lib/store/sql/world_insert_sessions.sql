-- A portion of sessions, complete as create, tags and the rest would have left them.
-- Parameters: one array for each column, in this order; of tag_ids, tag_names and system_tag_ids, array literals. Rows: none.
insert into session
(
    team_id, number, participant_id, created_at, updated_at, ended_at, experiment_id, channel_id, message_count, status,
    token_required, has_links, id, platform, participant_identifier, participant_remote_id, tag_ids, tag_names,
    system_tag_ids, tags, state, usage
)
select
    given.team_id, given.number, given.participant_id, given.created_at, given.updated_at, given.ended_at,
    given.experiment_id, given.channel_id, given.message_count, given.status, given.token_required, given.has_links, given.id,
    given.platform, given.participant_identifier, given.participant_remote_id, given.tag_ids::int8[], given.tag_names::text[],
    given.system_tag_ids::int8[], given.tags, given.state, given.usage
from unnest(
    $1::int8[], $2::int8[], $3::int8[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[], $7::uuid[], $8::int8[],
    $9::int4[], $10::int2[], $11::bool[], $12::bool[], $13::text[], $14::text[], $15::text[], $16::text[], $17::text[],
    $18::text[], $19::text[], $20::text[], $21::text[], $22::text[]
) as given (
    team_id, number, participant_id, created_at, updated_at, ended_at, experiment_id, channel_id, message_count, status,
    token_required, has_links, id, platform, participant_identifier, participant_remote_id, tag_ids, tag_names,
    system_tag_ids, tags, state, usage
)
