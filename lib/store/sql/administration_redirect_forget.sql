-- Codes for an address that an application no longer has.
-- $1 application, $2 redirect URI.
delete from oauth_grant
where application_id = $1::int8 and redirect_uri = $2::text and redeemed_at is null
