-- A new chatbot: the head of a family without published versions.
-- $1 id, $2 team, $3 name, $4 has a description, $5 description, $6 now. Rows: id; none when the id is taken.
insert into experiment (id, team_id, name, description, created_at)
values ($1::uuid, $2::int8, $3::text, case when $4::bool then $5::text end, $6::timestamptz)
on conflict (id) do nothing
returning id
