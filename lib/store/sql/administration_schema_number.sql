-- The newest migration that the database has had; 0 when it has had none. No parameters. Rows: number.
select coalesce(max(number), 0) as number
from schema_migration
