-- Whether the database has ever been migrated. No parameters. Rows: exists.
select to_regclass('schema_migration') is not null as exists
