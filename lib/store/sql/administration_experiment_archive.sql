-- Archives a chatbot or a version of one, or brings it back.
-- $1 id, $2 is_archived.
update experiment
set is_archived = $2::bool
where id = $1::uuid
