-- What is published in trends and core, as it stands: a row a column. Names come quoted, so that they can be put into
-- a statement as they are.
select
    namespaces.nspname::text as schema,
    relations.relname::text as name,
    format('%I.%I', namespaces.nspname, relations.relname) as relation,
    obj_description(relations.oid, 'pg_class') as comment,
    columns.attname::text as column_name,
    quote_ident(columns.attname) as column_identifier,
    format_type(columns.atttypid, -1) as column_type,
    case
        when base.type in ('int2'::regtype, 'int4'::regtype, 'int8'::regtype) then 'integer'
        when base.type in ('float4'::regtype, 'float8'::regtype, 'numeric'::regtype) then 'number'
        when base.type = 'date'::regtype then 'date'
        when base.type in ('timestamp'::regtype, 'timestamptz'::regtype) then 'timestamp'
        when base.type = 'bool'::regtype then 'boolean'
        when types.typcategory = 'S' then 'text'
        else 'other'
    end as column_kind,
    not (columns.attnotnull or types.typnotnull) as column_is_nullable,
    col_description(relations.oid, columns.attnum) as column_comment,
    keyed.position as column_position_in_key,
    relations.relkind = 'v' as is_view
from pg_class as relations
inner join pg_namespace as namespaces on namespaces.oid = relations.relnamespace
inner join pg_attribute as columns on columns.attrelid = relations.oid
inner join pg_type as types on types.oid = columns.atttypid
cross join lateral (select coalesce(nullif(types.typbasetype, 0), types.oid) as type) as base
left join lateral (
    select
        indexes.indkey,
        indexes.indnkeyatts
    from pg_index as indexes
    where
        indexes.indrelid = relations.oid
        and indexes.indisunique
        and indexes.indisvalid
        and indexes.indpred is null
        and indexes.indexprs is null
    order by indexes.indisprimary desc, indexes.indnkeyatts, indexes.indexrelid
    limit 1
) as keys on true
left join lateral (
    select parts.position
    from unnest(keys.indkey::smallint[]) with ordinality as parts (attnum, position)
    where parts.attnum = columns.attnum and parts.position <= keys.indnkeyatts
) as keyed on true
where
    namespaces.nspname in ('trends', 'core')
    and relations.oid in (select to_regclass(models.relation) from ops.published_models as models)
    and has_table_privilege(relations.oid, 'select')
    and columns.attnum > 0
    and not columns.attisdropped
order by namespaces.nspname desc, relations.relname, columns.attnum
