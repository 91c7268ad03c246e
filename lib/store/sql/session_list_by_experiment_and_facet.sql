-- As session_list_by_facet, read along the chatbot's sessions and probing the facets: for a chatbot that is rarer than the tags.
--
-- Parameters: $1 team, $2 and $3 the place behind which the page begins (created_at, id), $4 facet, $5 its values,
--             $6 the other facet (0: none), $7 its values, $8 experiment, $9 whether the experiment matters (it does).
-- Written into the text: see session_list.
-- Columns: as session_list, n always 1 and total null.
-- Index: session_by_experiment; session_facet's primary key for the probes.
select 1, null,
       s.id, s.experiment_id, s.participant_identifier, s.participant_remote_id, s.created_at, s.updated_at, s.status, s.platform, s.tags,
       case when octet_length(s.state) <= 16384 then s.state end, case when octet_length(s.state) > 16384 then octet_length(s.state) end
from session s
where s.team_id = $1::bigint
  and $9::boolean
  and s.experiment_id = $8::uuid
  and (s.created_at, s.id) :before ($2::timestamptz, $3::text)
  and (select true
       from session_facet p
       where p.team_id = s.team_id and p.facet = $4::smallint and p.value = any ($5::text[])
         and p.created_at = s.created_at and p.session_id = s.id
       limit 1)
  and ($6::smallint = 0 or (
       select true
       from session_facet p
       where p.team_id = s.team_id and p.facet = $6::smallint and p.value = any ($7::text[])
         and p.created_at = s.created_at and p.session_id = s.id
       limit 1))
order by s.created_at :way, s.id :way
limit :limit
