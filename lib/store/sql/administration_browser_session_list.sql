-- Signed-in browsers, latest used first.
-- $1 user, or 0 for all. Rows: the digest's first 16 digits, e-mail, created_at, last_seen_at.
select left(encode(b.cookie_sha256, 'hex'), 16), app_user.email, b.created_at, b.last_seen_at
from browser_session b
join app_user on app_user.id = b.user_id
where $1::int8 = 0 or b.user_id = $1::int8
order by b.last_seen_at desc, b.cookie_sha256
