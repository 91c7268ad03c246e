-- Settings of the authorization server, for a dump. No parameters.
select name, array_to_json(value) as value
from oauth_setting
order by name collate "C"
