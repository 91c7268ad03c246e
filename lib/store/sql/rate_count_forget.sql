-- Drops windows that have been over for a while.
--
-- Parameters: $1 the time in seconds since the epoch.
-- Columns: none.
-- Index: none: the table holds the open windows and little more, and this runs once a minute.
delete from rate_count c
where c.window_start + 2 * c.window_seconds < $1::bigint
