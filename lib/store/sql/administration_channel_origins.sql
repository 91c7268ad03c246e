-- From which sites a channel may be used.
-- $1 id, $2 allowed_domains.
update channel
set allowed_domains = $2::text[]
where id = $1::int8
