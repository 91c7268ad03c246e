-- Other roles for a member.
-- $1 team, $2 user, $3 roles. Rows: user_id; none when they are no member.
update membership
set roles = $3::text[]
where team_id = $1::int8 and user_id = $2::int8
returning user_id
