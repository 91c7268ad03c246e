-- Blocks of 1,024 session numbers (see the sequence): whole blocks, so that no lane hands out the same.
-- $1 how many blocks. Rows: the first number of each.
select nextval('session_number') as first
from generate_series(1, $1::int8)
