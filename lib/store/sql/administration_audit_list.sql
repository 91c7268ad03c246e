-- The newest changes, newest first.
-- $1 how many at most, $2 of this subject only ('': of all). Rows: at, actor, action, subject, detail.
select at, actor, action, subject, detail
from audit
where $2::text = '' or subject = $2::text
order by id desc
limit $1::int8
