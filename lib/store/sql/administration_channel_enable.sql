-- Whether a channel takes new chats, and what it says where it does not.
-- $1 id, $2 enabled, $3 disabled_message.
update channel
set enabled = $2::bool, disabled_message = $3::text
where id = $1::int8
