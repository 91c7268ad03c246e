-- What of a world is in the database already, under names that a person knows.
-- $1 slugs of teams, $2 e-mails, $3 ids of experiments, $4 client ids, $5 digests of keys. Rows: noun, name; a team's first.
select 'team' as noun, slug as name
from team
where slug = any ($1::text[])
union all
select 'user', email
from app_user
where email = any ($2::text[])
union all
select 'chatbot', id::text
from experiment
where id = any ($3::uuid[])
union all
select 'application', client_id
from oauth_application
where client_id = any ($4::text[])
union all
select 'API key', prefix
from api_key
where key_sha256 = any ($5::bytea[])
