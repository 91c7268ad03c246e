-- One change by an administrator.
-- $1 time, $2 actor, $3 action, $4 subject, $5 detail: JSON without secrets.
insert into audit (at, actor, action, subject, detail)
values ($1::timestamptz, $2::text, $3::text, $4::text, $5::text::json)
