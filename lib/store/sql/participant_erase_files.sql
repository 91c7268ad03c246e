-- What is known of files that no session has any more.
-- $1 team, $2 ids of files. Rows: those that are gone: id, external_id.
delete from file f
where f.team_id = $1::int8 and f.id = any ($2::int8[])
  and not exists (select from session_file s where s.team_id = f.team_id and s.file_id = f.id)
returning f.id, f.external_id
