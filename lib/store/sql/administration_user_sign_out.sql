-- Ends all logins of a user.
-- $1 user.
delete from browser_session
where user_id = $1::int8
