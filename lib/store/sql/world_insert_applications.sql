-- OAuth clients of a world.
-- Parameters: one array for each column, in this order; of redirect_uris, allowed_experiments and allowed_scopes, array literals. Rows: none.
insert into oauth_application
(
    id, client_id, client_secret_hash, client_type, grant_type, team_id, redirect_uris, algorithm, name, owner_id,
    allowed_experiments, allowed_scopes, is_resource_server, created_at
)
select
    given.id, given.client_id, given.client_secret_hash, given.client_type, given.grant_type, given.team_id,
    given.redirect_uris::text[], given.algorithm, given.name, given.owner_id, given.allowed_experiments::uuid[],
    given.allowed_scopes::text[], given.is_resource_server, given.created_at
from unnest(
    $1::int8[], $2::text[], $3::text[], $4::text[], $5::text[], $6::int8[], $7::text[], $8::text[], $9::text[], $10::int8[],
    $11::text[], $12::text[], $13::bool[], $14::timestamptz[]
) as given (
    id, client_id, client_secret_hash, client_type, grant_type, team_id, redirect_uris, algorithm, name, owner_id,
    allowed_experiments, allowed_scopes, is_resource_server, created_at
)
