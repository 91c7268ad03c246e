-- As session_create_forget_reservations, on a database that is spread by team: there rows cannot be named by their place, nor locked on several nodes.
--
-- Parameters: $1 those made before this moment are of no use any more.
-- Columns: none.
-- Index: idempotency_key_by_time.
delete from idempotency_key
where created_at < $1::timestamptz
