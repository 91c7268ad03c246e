-- So many fresh ids of an identity column, ascending: rows that refer to each other can be written table by table.
-- $1 table, $2 column, $3 how many. Rows: id.
select nextval(pg_get_serial_sequence($1::text, $2::text)::regclass) as id
from generate_series(1, $3::int8)
