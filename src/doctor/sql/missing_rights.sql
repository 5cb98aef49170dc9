-- What a run does in this database and the role may not do, and the statement that allows it.
with schemas as (
    select
        name,
        to_regnamespace(name) as schema
    from unnest(array['raw', 'ops', 'aside', 'staging', 'core', 'trends']) as name
),

built as (
    select
        namespaces.nspname as schema,
        classes.relname as name
    from pg_class as classes
    inner join pg_namespace as namespaces on classes.relnamespace = namespaces.oid
    where
        -- views in core and trends may be an analyst's own
        (
            (namespaces.nspname in ('core', 'trends') and classes.relkind = 'r')
            or (namespaces.nspname = 'staging' and classes.relkind = 'v')
        )
        and not pg_has_role(classes.relowner, 'usage')
),

tables as (
    select
        namespaces.nspname as schema,
        classes.oid as relation,
        classes.relname as name
    from pg_class as classes
    inner join pg_namespace as namespaces on classes.relnamespace = namespaces.oid
    where namespaces.nspname in ('raw', 'ops') and classes.relkind in ('r', 'p')
),

missing as (
    select
        1 as place,
        format('create the schemas %s', string_agg(name, ', ')) as deed,
        format('grant create on database %I to %I', current_database(), current_user) as remedy
    from schemas
    where schema is null and not has_database_privilege(current_database(), 'create')
    having count(*) > 0
    union all
    select
        2,
        'make temporary tables',
        format('grant temporary on database %I to %I', current_database(), current_user)
    where not has_database_privilege(current_database(), 'temporary')
    union all
    select
        3,
        format('use and fill the schema %s', name),
        format('grant usage, create on schema %I to %I', name, current_user)
    from schemas
    where
        schema is not null
        and not (has_schema_privilege(schema, 'usage') and has_schema_privilege(schema, 'create'))
    union all
    select
        4,
        format('read and write %s tables of the schema %s, such as %s', count(*), schema, min(name)),
        format('grant select, insert, update, delete on all tables in schema %I to %I', schema, current_user)
    from tables
    where not (
        has_table_privilege(relation, 'select')
        and has_table_privilege(relation, 'insert')
        and has_table_privilege(relation, 'update')
        and has_table_privilege(relation, 'delete')
    )
    group by schema
    union all
    select
        5,
        format('replace %s tables or views of the schema %s, such as %s', count(*), schema, min(name)),
        format('alter table %I.%I owner to %I, and so for each of them', schema, min(name), current_user)
    from built
    group by schema
    union all
    select
        6,
        'create the table _sqlx_migrations',
        format('grant create on schema %I to %I', coalesce(current_schema(), 'public'), current_user)
    where
        to_regclass('_sqlx_migrations') is null
        and not coalesce(has_schema_privilege(current_schema(), 'create'), false)
    union all
    select
        7,
        'read and write the table _sqlx_migrations',
        format('grant select, insert, update, delete on _sqlx_migrations to %I', current_user)
    where not (
        has_table_privilege(to_regclass('_sqlx_migrations'), 'select')
        and has_table_privilege(to_regclass('_sqlx_migrations'), 'insert')
    )
)

select
    deed,
    remedy
from missing
order by place, deed
