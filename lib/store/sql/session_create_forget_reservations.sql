-- Takes away some Idempotency-Keys, of any team, that stand for nothing any more.
--
-- Parameters: $1 kept before.
-- Columns: none.
-- Index: idempotency_key_by_time.
delete from idempotency_key
where ctid = any(array(
    select ctid from idempotency_key where created_at < $1::timestamptz order by created_at limit 200 for update skip locked))
