-- Users, for a dump. No parameters.
select id, email, first_name, last_name, is_active, email_verified, password_hash, last_login, created_at
from app_user
order by id
