-- A session of a chat by its id alone, with what decides who may use it.
-- $1 id. Rows: team_id, id, number, created_at, has ended, token_required, channel_id (null: none), participant_identifier, the participant's user
-- (null: none), the chatbot's allowlist (JSON), the chatbot's id, the keys of session tokens ("id:key,..."; null: none); one or none. Status 3 and above:
-- pending_review, complete, unknown (domain::Status).
-- Index: the primary keys of chat_session, session, experiment and participant; service_secret_by_purpose.
select s.team_id, s.id, s.number, s.created_at, s.status >= 3 or s.ended_at is not null, s.token_required, s.channel_id,
    s.participant_identifier, p.user_id, array_to_json(h.allowlist), h.id,
    (select string_agg(k.id || ':' || k.secret, ',')
     from service_secret k
     where k.purpose = 'chat-session-token' and k.retired_at is null)
from chat_session c
join session s on s.team_id = c.team_id and s.id = c.session_id
join experiment e on e.id = s.experiment_id
join experiment h on h.id = coalesce(e.working_id, e.id)
left join participant p on p.team_id = s.team_id and p.id = s.participant_id
where c.session_id = $1::text
