-- The applications that can be meant: of this client id or this name. Locked against other administrators; tokens may be issued meanwhile.
-- $1 client id or name. Rows: id, whether it is the client id.
select id, client_id = $1::text
from oauth_application
where client_id = $1::text or name = $1::text
order by id
for no key update
