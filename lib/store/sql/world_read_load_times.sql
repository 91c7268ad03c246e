-- The moments of loads, one a row, for a dump. No parameters.
select distinct at
from audit
where action in ('world.load', 'world.synthesize')
order by at
