-- Takes consents back.
-- $1 application, $2 user, $3 team (0: any). Rows: a row each.
delete from oauth_consent
where ($1::int8 = 0 or application_id = $1::int8) and ($2::int8 = 0 or user_id = $2::int8) and ($3::int8 = 0 or team_id = $3::int8)
returning 1
