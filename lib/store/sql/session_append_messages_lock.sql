-- A session to which messages are to be added: until the commit nobody else changes it.
-- $1 team, $2 id. Rows: number, message_count, has ended, state; one or none. Status 3 and above: pending_review, complete, unknown.
-- Index: session's primary key.
select s.number, s.message_count, s.status >= 3 or s.ended_at is not null, s.state
from session s
where s.team_id = $1::int8 and s.id = $2::text
for update
