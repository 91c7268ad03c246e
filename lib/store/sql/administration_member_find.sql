-- Whether a user is a member.
-- $1 team, $2 user. Rows: user_id; none when they are none.
select user_id
from membership
where team_id = $1::int8 and user_id = $2::int8
