-- How many sessions each filter lets through, counted up to a bound: the rarest one leads, the others are probed.
--
-- Parameters: $1 team, $2 tags, $3 version tags, $4 experiment.
-- Columns: tagged, versioned, of_experiment.
-- Index: session_facet's primary key, session_count's primary key.
select (select count(*) from (
            select from session_facet x where x.team_id = $1::bigint and x.facet = 1 and x.value = any ($2::text[]) limit 500) t),
       (select count(*) from (
            select from session_facet x where x.team_id = $1::bigint and x.facet = 2 and x.value = any ($3::text[]) limit 500) v),
       (select coalesce(sum(c.sessions), 0) from session_count c where c.team_id = $1::bigint and c.experiment_id = $4::uuid)
