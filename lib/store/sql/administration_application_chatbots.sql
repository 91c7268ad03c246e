-- Which of these chatbots there are not. Versions do not count: a chat is started with the chatbot.
-- $1 ids. Rows: id.
select given.id
from unnest($1::uuid[]) as given (id)
left join experiment on experiment.id = given.id and experiment.working_id is null
where experiment.id is null
