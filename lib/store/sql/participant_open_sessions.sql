-- Somebody's sessions in the order in which they were made, through a cursor of the transaction. Conditions as participant_weigh has them.
-- $1 team, $2 ids of participants, $3 identifier.
declare participant_sessions no scroll cursor for
select
    s.number, s.id, s.experiment_id, c.name, s.platform, s.status, s.created_at, s.updated_at, s.ended_at, s.tags, s.state, s.usage,
    (select coalesce(json_agg(json_build_object('id', f.id, 'name', f.name, 'content_type', f.content_type, 'size', f.size,
                                                'external_id', f.external_id) order by f.id), '[]')
     from session_file x
     join file f on f.team_id = x.team_id and f.id = x.file_id
     where x.team_id = s.team_id and x.session_number = s.number)
from session s
left join channel c on c.team_id = s.team_id and c.id = s.channel_id
where s.team_id = $1::int8
  and (s.participant_id = any ($2::int8[])
       or s.participant_identifier = $3::text
          and not exists (select from participant p where p.team_id = s.team_id and p.id = s.participant_id))
order by s.created_at, s.id
