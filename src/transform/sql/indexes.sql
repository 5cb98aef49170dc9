select relname::text as name
from pg_index
join pg_class on pg_class.oid = indexrelid
where indrelid = to_regclass($1)
