-- Sessions with their transcripts, several at once. A transcript of many messages or bytes is left to session_retrieve_messages, so that its
-- neighbours in the statement do not wait for it.
--
-- Parameters: $1 teams, $2 ids, $3 how many messages are many, $4 how many bytes are.
-- Columns: n (place in the arrays, from 1), the session, usage, has_links, number, message_count, messages (null: none, or many).
-- Index: the primary keys of session and message.
select k.n,
       s.id, s.experiment_id, s.participant_identifier, s.participant_remote_id, s.created_at, s.updated_at, s.status, s.platform, s.tags, s.state,
       s.usage, s.has_links, s.number, s.message_count,
       case when s.message_count <= $3::integer
            then (select case when sum(octet_length(m.rendered)) <= $4::bigint then string_agg(m.rendered, ',') end
                  from (select x.rendered
                        from message x
                        where x.team_id = s.team_id and x.session_number = s.number
                        order by x.position) m)
       end
from unnest($1::bigint[], $2::text[]) with ordinality as k (team_id, id, n)
join session s on s.team_id = k.team_id and s.id = k.id
