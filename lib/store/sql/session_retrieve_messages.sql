-- A piece of a long transcript.
--
-- Parameters: $1 team, $2 the session's number, $3 the position behind which the piece begins (-1: the beginning), $4 messages at most,
--             $5 bytes at most, but for a first message that is larger alone.
-- Columns: messages (null: none left), last position.
-- Index: message's primary key.
select string_agg(m.rendered, ','), max(m.position)
from (
    select p.rendered, p.position,
           sum(octet_length(p.rendered)) over (order by p.position) as bytes,
           row_number() over (order by p.position) as place
    from (
        select x.rendered, x.position
        from message x
        where x.team_id = $1::bigint and x.session_number = $2::bigint and x.position > $3::integer
        order by x.position
        limit $4::integer
    ) p
) m
where m.bytes <= $5::bigint or m.place = 1
