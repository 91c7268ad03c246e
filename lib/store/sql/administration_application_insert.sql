-- A new application.
-- $1 client id, $2 hash of the secret or '', $3 client_type, $4 grant_type, $5 team (0: not pinned), $6 redirect_uris, $7 algorithm, $8 name, $9 owner
-- (0: none), $10 allowed_experiments, $11 every scope is allowed, $12 those that are, $13 is_resource_server, $14 now. Rows: id; none when the client
-- id is taken.
insert into oauth_application
(
    client_id, client_secret_hash, client_type, grant_type, team_id, redirect_uris, algorithm, name, owner_id, allowed_experiments,
    allowed_scopes, is_resource_server, created_at
)
values
(
    $1::text, $2::text, $3::text, $4::text, nullif($5::int8, 0), $6::text[], $7::text, $8::text, nullif($9::int8, 0), $10::uuid[],
    case when not $11::bool then $12::text[] end, $13::bool, $14::timestamptz
)
on conflict (client_id) do nothing
returning id
