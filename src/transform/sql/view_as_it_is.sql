-- What makes a view anew after it had to make way.
select
    pg_get_viewdef(pg_class.oid) as definition,
    pg_get_userbyid(pg_class.relowner)::text as owner,
    obj_description(pg_class.oid, 'pg_class') as comment,
    array_to_string(pg_class.reloptions, ', ') as options
from pg_class
where pg_class.oid = to_regclass($1)
