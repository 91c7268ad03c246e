-- The key that signs session tokens.
-- Rows: id, secret; one or none.
-- Index: service_secret_by_purpose.
select k.id, k.secret
from service_secret k
where k.purpose = 'chat-session-token' and k.retired_at is null
order by k.id desc
limit 1
