-- Views that read a relation, directly or through other views, those first that no other of them reads.
with recursive reader (oid, distance) as (
    select to_regclass($1)::oid, 0
    union
    select pg_rewrite.ev_class, reader.distance + 1
    from reader
    join pg_depend
        on pg_depend.refclassid = 'pg_class'::regclass
        and pg_depend.refobjid = reader.oid
        and pg_depend.classid = 'pg_rewrite'::regclass
    join pg_rewrite on pg_rewrite.oid = pg_depend.objid
    where pg_rewrite.ev_class != reader.oid
)
select pg_namespace.nspname::text, pg_class.relname::text
from reader
join pg_class on pg_class.oid = reader.oid
join pg_namespace on pg_namespace.oid = pg_class.relnamespace
where reader.distance > 0 and pg_class.relkind = 'v'
group by pg_namespace.nspname, pg_class.relname
order by max(reader.distance) desc, 1, 2
