-- A client by its public id.
-- $1 client id. Rows: id, name, hash of the secret or '', client_type, grant_type, team id (null: not pinned), slug, name, its own limit, redirect URIs
-- (a line each), allowed scopes (separated by spaces; null: all), the installation's scopes for machines (the same; null: the default),
-- is_resource_server.
-- Index: oauth_application_client_id_key.
select a.id, a.name, a.client_secret_hash, a.client_type, a.grant_type, t.id, t.slug, t.name, t.api_rate_limit,
    array_to_string(a.redirect_uris, chr(10)), array_to_string(a.allowed_scopes, ' '),
    (select array_to_string(value, ' ') from oauth_setting where oauth_setting.name = 'scopes_machine_allowed'), a.is_resource_server
from oauth_application a
left join team t on t.id = a.team_id
where a.client_id = $1::text
