-- What users of a world have allowed applications to do.
-- Parameters: one array for each column, in this order; of scopes, array literals. Rows: none.
insert into oauth_consent
(
    user_id, application_id, team_id, scopes, granted_at
)
select
    given.user_id, given.application_id, given.team_id, given.scopes::text[], given.granted_at
from unnest(
    $1::int8[], $2::int8[], $3::int8[], $4::text[], $5::timestamptz[]
) as given (
    user_id, application_id, team_id, scopes, granted_at
)
