-- Users of a world.
-- Parameters: one array for each column, in this order. Rows: none.
insert into app_user
(
    id, email, first_name, last_name, is_active, email_verified, password_hash, last_login, created_at
)
select
    given.id, given.email, given.first_name, given.last_name, given.is_active, given.email_verified, given.password_hash,
    given.last_login, given.created_at
from unnest(
    $1::int8[], $2::text[], $3::text[], $4::text[], $5::bool[], $6::bool[], $7::text[], $8::timestamptz[], $9::timestamptz[]
) as given (
    id, email, first_name, last_name, is_active, email_verified, password_hash, last_login, created_at
)
