-- No version of the family is the default any more.
-- $1 head.
update experiment
set is_default = false
where working_id = $1::uuid and is_default
