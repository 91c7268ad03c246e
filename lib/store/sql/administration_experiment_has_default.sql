-- Whether a version of the family is the default.
-- $1 head. Rows: has_default.
select exists (select from experiment where working_id = $1::uuid and is_default) as has_default
