-- The signed-in browsers that can be meant, by the digests of their cookies from one to another: two are enough to know that it is not one.
-- $1 first digest, $2 last digest. Rows: digest (hexadecimal), e-mail, created_at, last_seen_at.
-- Index: the primary key.
select encode(b.cookie_sha256, 'hex'), app_user.email, b.created_at, b.last_seen_at
from browser_session b
join app_user on app_user.id = b.user_id
where b.cookie_sha256 between $1::bytea and $2::bytea
order by b.cookie_sha256
limit 2
for update of b
