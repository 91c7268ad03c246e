-- The tokens that can be meant, by the digests from one to another: two are enough to know that it is not one.
-- $1 first digest, $2 last digest. Rows: digest (hexadecimal), family (null: none), is a refresh token, client id, e-mail (null: a machine).
-- Index: the primary keys.
select encode(found.token_sha256, 'hex'), found.family, found.is_refresh, a.client_id, app_user.email
from
(
    (
        select token_sha256, family, false as is_refresh, application_id, user_id
        from oauth_access_token
        where token_sha256 between $1::bytea and $2::bytea
        limit 2
    )
    union all
    (
        select token_sha256, family, true, application_id, user_id
        from oauth_refresh_token
        where token_sha256 between $1::bytea and $2::bytea
        limit 2
    )
) found
join oauth_application a on a.id = found.application_id
left join app_user on app_user.id = found.user_id
order by 1
