-- A user becomes a member.
-- $1 team, $2 user, $3 roles. Rows: user_id; none when they are one already.
insert into membership (team_id, user_id, roles)
values ($1::int8, $2::int8, $3::text[])
on conflict (team_id, user_id) do nothing
returning user_id
