-- What an earlier transform left when it died, or what this one no longer needs.
do $$
declare
    relation record;
begin
    -- a statement that nobody waits for any more may still hold one of them; the next transform will drop it
    set local lock_timeout = '3s';
    for relation in
        select
            case relkind when 'v' then 'view' else 'table' end as kind,
            relname
        from pg_class
        where relnamespace = 'aside'::regnamespace and relkind in ('r', 'v')
    loop
        begin
            execute format('drop %s if exists aside.%I cascade', relation.kind, relation.relname);
        exception when lock_not_available then
            raise notice '% is still in use', relation.relname;
        end;
    end loop;
end
$$
