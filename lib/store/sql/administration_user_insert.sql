-- A new user.
-- $1 e-mail, $2 first name, $3 last name, $4 hash of the password or '', $5 now. Rows: id; none when the e-mail is taken.
insert into app_user (email, first_name, last_name, password_hash, created_at)
values ($1::text, $2::text, $3::text, $4::text, $5::timestamptz)
on conflict (email) do nothing
returning id
