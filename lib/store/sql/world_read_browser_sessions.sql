-- Who is signed in, for a dump. No parameters.
select encode(cookie_sha256, 'hex') as cookie_sha256, user_id, created_at, last_seen_at, authenticated_at
from browser_session
order by browser_session.cookie_sha256
