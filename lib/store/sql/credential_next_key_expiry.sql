-- When the next API key ends, of those that open something now.
-- $1 now. Rows: expires_at (null: none has an end); one.
-- Reads the keys: they are few, and nobody waits for it.
select min(a.expires_at)
from api_key a
join app_user u on u.id = a.user_id
join membership m on m.team_id = a.team_id and m.user_id = a.user_id
where not a.is_revoked and a.expires_at > $1::timestamptz and a.expires_at < 'infinity' and u.is_active
