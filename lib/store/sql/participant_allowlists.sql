-- Chatbots whose list of who may chat has somebody.
-- $1 team, $2 identifier. Rows: id.
select e.id
from experiment e
where e.team_id = $1::int8 and $2::text = any (e.allowlist)
order by e.id
