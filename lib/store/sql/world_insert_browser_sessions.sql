-- Who is signed in at the login page: digests of cookies only.
-- Parameters: one array for each column, in this order. Rows: none.
insert into browser_session
(
    cookie_sha256, user_id, created_at, last_seen_at, authenticated_at
)
select
    given.cookie_sha256, given.user_id, given.created_at, given.last_seen_at, given.authenticated_at
from unnest(
    $1::bytea[], $2::int8[], $3::timestamptz[], $4::timestamptz[], $5::timestamptz[]
) as given (
    cookie_sha256, user_id, created_at, last_seen_at, authenticated_at
)
