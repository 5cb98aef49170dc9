-- Whether there is a role that BI tools read with, and which schemas hold tables or views that it cannot read.
select
    to_regrole('firstpress_reader') is not null as is_there,
    coalesce(array_agg(distinct namespaces.nspname::text), '{}') as hidden_schemas
from pg_class as classes
inner join pg_namespace as namespaces on classes.relnamespace = namespaces.oid
where
    namespaces.nspname in ('staging', 'core', 'trends', 'ops')
    and classes.relkind in ('r', 'p', 'v', 'm', 'f')
    and not (
        has_schema_privilege(to_regrole('firstpress_reader'), namespaces.oid, 'usage')
        and has_table_privilege(to_regrole('firstpress_reader'), classes.oid, 'select')
    )
