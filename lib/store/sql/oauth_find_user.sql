-- Who logs in. E-mail addresses differ in more than their case; where an installation has two that do not, the exact one wins.
-- $1 e-mail. Rows: id, email, full name, is_active, email_verified, last_login, password_hash.
-- Index: app_user_by_lower_email.
select id, email, trim(first_name || ' ' || last_name), is_active, email_verified, last_login, password_hash
from app_user
where lower(email) = lower($1::text)
order by email = $1::text desc, id
limit 1
