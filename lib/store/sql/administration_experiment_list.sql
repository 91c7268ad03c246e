-- The chatbots of a team, or of all, each followed by its versions.
-- $1 slug, or '' for all. Rows: id, slug, name, description, working_id, version_number, is_default, is_archived, version_description, sessions.
with counted as materialized ( -- By itself: on a database that is spread by team a table of all nodes is not asked row by row.
    select team_id, experiment_id, sum(sessions) as sessions
    from session_count
    group by team_id, experiment_id
)
select experiment.id, team.slug, experiment.name, experiment.description, experiment.working_id, experiment.version_number,
    experiment.is_default, experiment.is_archived, experiment.version_description, coalesce(counted.sessions, 0) as sessions
from experiment
join team on team.id = experiment.team_id
left join counted on counted.team_id = experiment.team_id and counted.experiment_id = experiment.id
where $1::text = '' or team.slug = $1::text
order by team.slug collate "C", coalesce(experiment.working_id, experiment.id), experiment.working_id nulls first, experiment.version_number
