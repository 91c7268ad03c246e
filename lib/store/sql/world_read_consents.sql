-- What users have allowed applications to do, for a dump. No parameters.
select user_id, application_id, team_id, array_to_json(scopes) as scopes, granted_at
from oauth_consent
order by user_id, application_id, team_id
