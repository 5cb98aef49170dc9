select
    attname::text as name,
    format_type(atttypid, atttypmod) as type,
    col_description(attrelid, attnum) as comment
from pg_attribute
where attrelid = to_regclass($1) and attnum > 0 and not attisdropped
order by attnum
