select
    wanted.relation,
    pg_class.relkind::text as kind,
    obj_description(pg_class.oid, 'pg_class') as comment,
    case when pg_class.relkind = 'v' then pg_get_viewdef(pg_class.oid) end as definition,
    coalesce(pg_relation_filenode(pg_class.oid), 0)::bigint as filenode
from unnest($1::text[]) as wanted (relation)
inner join pg_class on pg_class.oid = to_regclass(wanted.relation)
