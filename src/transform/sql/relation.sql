select
    relkind::text as kind,
    obj_description(oid, 'pg_class') as comment,
    case when relkind = 'v' then pg_get_viewdef(oid) end as definition
from pg_class
where oid = to_regclass($1)
