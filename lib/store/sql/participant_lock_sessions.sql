-- The next portion of somebody's sessions, held against every change. Conditions as participant_weigh has them. In the order of their ids, in
-- which batches go through sessions too, so that neither waits for the other in a circle.
-- $1 team, $2 ids of participants, $3 identifier, $4 how many. Rows: number, id, messages.
select s.number, s.id, s.message_count
from session s
where s.team_id = $1::int8
  and (s.participant_id = any ($2::int8[])
       or s.participant_identifier = $3::text
          and not exists (select from participant p where p.team_id = s.team_id and p.id = s.participant_id))
order by s.id
limit $4::int8
for update of s
