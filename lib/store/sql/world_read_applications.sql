-- OAuth clients, for a dump. No parameters.
select
    id, client_id, client_secret_hash, client_type, grant_type, team_id, array_to_json(redirect_uris) as redirect_uris,
    algorithm, name, owner_id, array_to_json(allowed_experiments) as allowed_experiments,
    array_to_json(allowed_scopes) as allowed_scopes, is_resource_server, created_at
from oauth_application
order by id
