-- Asked first, because "create schema if not exists" wants the right to create one even where it exists.
select distinct name
from unnest($1::text[]) as wanted (name)
where to_regnamespace(quote_ident(name)) is null
order by name
