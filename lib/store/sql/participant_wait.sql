-- Waits for everybody who is writing sessions at this moment, and lets them go on at once: whoever writes afterwards sees that the participant is
-- gone. The time that others may be held up by it is set before (lock_timeout). No parameters. Rows: none.
lock table session in share mode
