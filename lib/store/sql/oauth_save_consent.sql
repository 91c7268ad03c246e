-- Remembers what a user allowed, beside what they allowed before.
-- $1 user, $2 application, $3 team, $4 scope (separated by spaces), $5 now.
insert into oauth_consent (user_id, application_id, team_id, scopes, granted_at)
values ($1::int8, $2::int8, $3::int8, string_to_array($4::text, ' '), $5::timestamptz)
on conflict (user_id, application_id, team_id) do update
set granted_at = excluded.granted_at,
    scopes = array(select unnest(oauth_consent.scopes) union select unnest(excluded.scopes))
