-- Another name for a team.
-- $1 slug, $2 name. Rows: id; none when there is no such team.
update team
set name = $2::text
where slug = $1::text
returning id
