-- Views that read a relation, or some of its columns, directly or through other views, those first that no other of
-- them reads. A materialized view cannot be made anew as it was, so it is told apart.
with recursive reader (oid, distance) as (
    select
        pg_rewrite.ev_class,
        1
    from pg_depend
    inner join pg_rewrite on pg_depend.objid = pg_rewrite.oid
    left join pg_attribute
        on
            pg_depend.refobjid = pg_attribute.attrelid
            and pg_depend.refobjsubid = pg_attribute.attnum
    where
        pg_depend.refclassid = 'pg_class'::regclass
        and pg_depend.classid = 'pg_rewrite'::regclass
        and pg_depend.refobjid = to_regclass($1)
        and pg_rewrite.ev_class != to_regclass($1)
        and ($2::text[] is null or pg_attribute.attname = any($2::text[]))
    union
    select
        pg_rewrite.ev_class,
        reader.distance + 1
    from reader
    inner join pg_depend
        on
            reader.oid = pg_depend.refobjid
            and pg_depend.refclassid = 'pg_class'::regclass
            and pg_depend.classid = 'pg_rewrite'::regclass
    inner join pg_rewrite on pg_depend.objid = pg_rewrite.oid
    where pg_rewrite.ev_class != reader.oid
)

select
    pg_namespace.nspname::text as schema,
    pg_class.relname::text as name,
    pg_class.relkind = 'm' as is_materialized
from reader
inner join pg_class on reader.oid = pg_class.oid
inner join pg_namespace on pg_class.relnamespace = pg_namespace.oid
where pg_namespace.nspname != 'aside'
group by pg_namespace.nspname, pg_class.relname, pg_class.relkind
order by max(reader.distance) desc, pg_namespace.nspname, pg_class.relname
