-- Where an extension is installed, quoted; nothing where it is not, or where this role may not use it.
select quote_ident(schemas.nspname)
from pg_catalog.pg_extension as extensions
inner join pg_catalog.pg_namespace as schemas
    on extensions.extnamespace = schemas.oid
where extensions.extname = $1 and has_schema_privilege(schemas.oid, 'usage')
