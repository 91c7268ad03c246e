-- The rows under which a team knew somebody.
-- $1 team, $2 ids of participants. Rows: those that are gone: id.
-- Index: participant's primary key.
delete from participant p
where p.team_id = $1::int8 and p.id = any ($2::int8[])
returning p.id
