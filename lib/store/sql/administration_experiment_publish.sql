-- Publishes what the head is now as a version of its own.
-- $1 head, $2 id of the version, $3 is_default, $4 version_description, $5 now. Rows: version_number.
insert into experiment
(
    id, team_id, name, description, working_id, version_number, is_default, version_description, allowlist, created_at
)
select $2::uuid, team_id, name, description, id, version_number, $3::bool, $4::text, allowlist, $5::timestamptz
from experiment
where id = $1::uuid
returning version_number
