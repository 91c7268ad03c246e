-- An application as it is to be from now on.
-- $1 id, $2 name, $3 grant_type, $4 team (0: not pinned), $5 redirect_uris, $6 algorithm, $7 allowed_experiments, $8 every scope is allowed, $9 those
-- that are.
update oauth_application
set name = $2::text, grant_type = $3::text, team_id = nullif($4::int8, 0), redirect_uris = $5::text[], algorithm = $6::text,
    allowed_experiments = $7::uuid[], allowed_scopes = case when not $8::bool then $9::text[] end
where id = $1::int8
