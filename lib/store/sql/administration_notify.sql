-- Tells every replica, when the transaction commits, that cached principals and reference data are stale.
-- $1 what changed: a hint.
select pg_notify('parley_changed', $1::text)
