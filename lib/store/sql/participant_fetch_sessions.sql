-- The next portion of somebody's sessions. No parameters. Rows: as participant_open_sessions has them; none at the end.
fetch 50 from participant_sessions
