-- Waits for the tokens that are being issued to an application; none is until the transaction ends.
-- $1 id.
select 1
from oauth_application
where id = $1::int8
for update
