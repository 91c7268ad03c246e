-- The id of a user.
-- $1 e-mail. Rows: id; none when there is no such user.
select id
from app_user
where email = $1::text
