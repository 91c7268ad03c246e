-- Takes somebody from the lists of who may chat, once no participant of the team has the identifier any more, on whatever platform.
-- $1 team, $2 identifier. Rows: the chatbots: id.
update experiment e
set allowlist = array_remove(e.allowlist, $2::text)
where e.team_id = $1::int8 and $2::text = any (e.allowlist)
  and not exists (select from participant p where p.team_id = e.team_id and p.identifier = $2::text)
returning e.id
