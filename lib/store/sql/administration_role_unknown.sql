-- Which of these are no roles.
-- $1 names. Rows: name.
select given.name
from unnest($1::text[]) as given (name)
where not exists (select from role where role.name = given.name)
