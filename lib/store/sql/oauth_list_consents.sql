-- $1 user, $2 application. Rows: team, scopes (separated by spaces).
select team_id, array_to_string(scopes, ' ')
from oauth_consent
where user_id = $1::int8 and application_id = $2::int8
