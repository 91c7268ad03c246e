-- A piece of a long transcript.
--
-- Parameters: $1 team, $2 the session's number, $3 the position behind which the piece begins (-1: the beginning), $4 messages at most.
-- Columns: messages (null: none left), last position, how many.
-- Index: message's primary key.
select string_agg(m.rendered, ','), max(m.position), count(*)
from (
    select x.rendered, x.position
    from message x
    where x.team_id = $1::bigint and x.session_number = $2::bigint and x.position > $3::integer
    order by x.position
    limit $4::integer
) m
