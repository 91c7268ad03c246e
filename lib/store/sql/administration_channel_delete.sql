-- A channel is no more. Its sessions stay; those without a session token can no longer be come back to.
-- $1 id.
delete from channel
where id = $1::int8
