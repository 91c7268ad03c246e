-- The messages of a portion of sessions, rendered.
-- Parameters: one array for each column, in this order; of tag_ids, array literals. Rows: none.
insert into message
(
    team_id, session_number, position, created_at, rendered, original_metadata, tag_ids
)
select
    given.team_id, given.session_number, given.position, given.created_at, given.rendered, given.original_metadata,
    given.tag_ids::int8[]
from unnest(
    $1::int8[], $2::int8[], $3::int4[], $4::timestamptz[], $5::text[], $6::text[], $7::text[]
) as given (
    team_id, session_number, position, created_at, rendered, original_metadata, tag_ids
)
