-- A user is a member no more.
-- $1 team, $2 user. Rows: user_id; none when they were none.
delete from membership
where team_id = $1::int8 and user_id = $2::int8
returning user_id
