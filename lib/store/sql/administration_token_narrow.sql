-- Kills the access tokens and codes of an application that may do more than these scopes.
-- $1 application, $2 scopes. Rows: one: access tokens, codes.
with access_tokens as
(
    delete from oauth_access_token
    where application_id = $1::int8 and not string_to_array(nullif(scope, ''), ' ') <@ $2::text[]
    returning 1
),
codes as
(
    delete from oauth_grant
    where application_id = $1::int8 and redeemed_at is null and not string_to_array(nullif(scope, ''), ' ') <@ $2::text[]
    returning 1
)
select (select count(*) from access_tokens), (select count(*) from codes)
