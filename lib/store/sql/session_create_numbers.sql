-- A block of 1024 session numbers for a lane to hand out.
--
-- Columns: the first of them.
select nextval('session_number')
