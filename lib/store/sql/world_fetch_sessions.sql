-- The next portion of the sessions. No parameters. Rows: as world_open_sessions has them; none at the end.
fetch 100 from world_sessions
