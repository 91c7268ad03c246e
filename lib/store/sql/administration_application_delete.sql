-- An application is no more, nor is anything that refers to it. Its tokens are gone already.
-- $1 id.
with tokens as
(
    delete from oauth_refresh_token
    where application_id = $1::int8
),
consents as
(
    delete from oauth_consent
    where application_id = $1::int8
)
delete from oauth_application
where id = $1::int8
