-- Another API limit for a team.
-- $1 slug, $2 limit ('': the setting's). Rows: id; none when there is no such team.
update team
set api_rate_limit = nullif($2::text, '')
where slug = $1::text
returning id
