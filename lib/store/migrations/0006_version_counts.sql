-- How many sessions of an experiment hold a message with a version tag: the count of a list by version, which else would be read row by row. Only a
-- load and an erasure change it; the previous release passes over it.
create table session_version_count
(
    team_id       bigint not null,
    version       text collate "C" not null,
    experiment_id uuid   not null,
    sessions      bigint not null,
    primary key (team_id, version, experiment_id)
);

insert into session_version_count (team_id, version, experiment_id, sessions)
select f.team_id, f.value, s.experiment_id, count(*)
from session_facet f
join session s on s.team_id = f.team_id and s.id = f.session_id
where f.facet = 2
group by f.team_id, f.value, s.experiment_id;
