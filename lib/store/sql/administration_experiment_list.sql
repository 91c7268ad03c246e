-- The chatbots of a team, or of all, each followed by its versions.
-- $1 slug, or '' for all. Rows: id, slug, name, description, working_id, version_number, is_default, is_archived, version_description, sessions.
select experiment.id, team.slug, experiment.name, experiment.description, experiment.working_id, experiment.version_number,
    experiment.is_default, experiment.is_archived, experiment.version_description,
    (
        select coalesce(sum(sessions), 0)
        from session_count
        where session_count.team_id = experiment.team_id and session_count.experiment_id = experiment.id
    ) as sessions
from experiment
join team on team.id = experiment.team_id
where $1::text = '' or team.slug = $1::text
order by team.slug collate "C", coalesce(experiment.working_id, experiment.id), experiment.working_id nulls first, experiment.version_number
