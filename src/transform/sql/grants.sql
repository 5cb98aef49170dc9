-- Rights that others were given on a relation or on its columns. The owner's own come by themselves.
select
    acl.privilege_type::text as privilege,
    case when acl.grantee = 0 then 'public' else quote_ident(pg_get_userbyid(acl.grantee)) end as grantee,
    acl.is_grantable,
    rights.column_name
from pg_class
cross join lateral (
    select
        pg_class.relacl as acl,
        null::text as column_name
    union all
    select
        attacl,
        attname::text
    from pg_attribute
    where attrelid = pg_class.oid and attacl is not null and not attisdropped
) as rights
cross join lateral aclexplode(rights.acl) as acl
where pg_class.oid = to_regclass($1) and acl.grantee != pg_class.relowner
