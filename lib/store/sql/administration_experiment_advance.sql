-- The head goes on as the next version.
-- $1 head.
update experiment
set version_number = version_number + 1
where id = $1::uuid
