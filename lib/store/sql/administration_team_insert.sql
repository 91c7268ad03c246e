-- A new team.
-- $1 slug, $2 name, $3 its API limit ('': none of its own), $4 now. Rows: id; none when the slug is taken.
insert into team (slug, name, api_rate_limit, created_at)
values ($1::text, $2::text, nullif($3::text, ''), $4::timestamptz)
on conflict (slug) do nothing
returning id
