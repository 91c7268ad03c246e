-- The participant of a chat, made where the team has none of that identifier; what is told of them anew is kept.
-- $1 team, $2 platform, $3 identifier, $4 remote_id ('': as it is), $5 name ('': as it is), $6 user (0: none). Rows: id, remote_id.
-- Index: participant's unique key.
insert into participant as p (team_id, platform, identifier, remote_id, name, user_id)
values ($1::int8, $2::text, $3::text, $4::text, $5::text, nullif($6::int8, 0))
on conflict (team_id, platform, identifier) do update
set remote_id = coalesce(nullif(excluded.remote_id, ''), p.remote_id),
    name = coalesce(nullif(excluded.name, ''), p.name),
    user_id = coalesce(p.user_id, excluded.user_id)
returning p.id, p.remote_id
