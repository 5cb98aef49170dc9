select
    wanted.relation,
    obj_description(pg_class.oid, 'pg_class') as comment,
    -- below zero where it was never counted
    case when pg_class.relkind = 'r' and pg_class.reltuples >= 0 then pg_class.reltuples::bigint end as estimated_rows
from unnest($1::text[]) as wanted (relation)
inner join pg_class on pg_class.oid = to_regclass(wanted.relation)
