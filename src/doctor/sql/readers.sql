-- Whether there is a role that BI tools read with, this user and whether it may act as that role (from Postgres 16 on a
-- member may be kept from it), and which schemas hold tables or views that the role cannot read.
select
    to_regrole('firstpress_reader') is not null as is_there,
    quote_ident(current_user) as own_role,
    coalesce(
        pg_has_role(
            to_regrole('firstpress_reader'),
            case when current_setting('server_version_num')::integer >= 160000 then 'set' else 'member' end
        ),
        false
    ) as may_act,
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
