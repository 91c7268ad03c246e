-- A block of session numbers: the value and the 1023 above it. No parameters. Rows: first.
select nextval('session_number') as first
