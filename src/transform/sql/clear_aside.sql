-- What an earlier transform left when it died, or what this one no longer needs.
do $$
declare
    relation record;
begin
    for relation in
        select
            case relkind when 'v' then 'view' else 'table' end as kind,
            relname
        from pg_class
        where relnamespace = 'aside'::regnamespace and relkind in ('r', 'v')
    loop
        execute format('drop %s if exists aside.%I cascade', relation.kind, relation.relname);
    end loop;
end
$$
