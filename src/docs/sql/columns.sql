select
    wanted.relation,
    pg_attribute.attname::text as name,
    format_type(pg_attribute.atttypid, pg_attribute.atttypmod) as type,
    col_description(pg_attribute.attrelid, pg_attribute.attnum) as comment
from unnest($1::text[]) as wanted (relation)
inner join pg_attribute on pg_attribute.attrelid = to_regclass(wanted.relation)
where pg_attribute.attnum > 0 and not pg_attribute.attisdropped
order by pg_attribute.attrelid, pg_attribute.attnum
