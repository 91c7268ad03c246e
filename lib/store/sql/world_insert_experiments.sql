-- Chatbots of a world and their versions, all in one statement: a version may come before its head.
-- Parameters: one array for each column, in this order; of allowlist, array literals. Rows: none.
insert into experiment
(
    id, team_id, name, description, working_id, version_number, is_default, is_archived, version_description, allowlist,
    created_at
)
select
    given.id, given.team_id, given.name, given.description, given.working_id, given.version_number, given.is_default,
    given.is_archived, given.version_description, given.allowlist::text[], given.created_at
from unnest(
    $1::uuid[], $2::int8[], $3::text[], $4::text[], $5::uuid[], $6::int4[], $7::bool[], $8::bool[], $9::text[], $10::text[],
    $11::timestamptz[]
) as given (
    id, team_id, name, description, working_id, version_number, is_default, is_archived, version_description, allowlist,
    created_at
)
