-- The same where the family is known.
-- $1 family. Rows: one.
select pg_advisory_xact_lock(hashtextextended($1::uuid::text, 0))
