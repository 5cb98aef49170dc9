-- Run for years: who may read, and what is kept for how long.

do $$
begin
    create role firstpress_reader nologin;
exception
    -- roles belong to the whole server: another database's migration may have made it, or be making it now
    when duplicate_object or unique_violation then null;
    when insufficient_privilege then
        raise notice 'the role firstpress_reader is not made: % may not create roles', current_user;
end
$$;

-- What is there already is left alone, so that nobody is waited for where nothing is to be done.
create function ops.let_readers_read(schemas text[])
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    readable record;
begin
    if to_regrole('firstpress_reader') is null then
        return;
    end if;
    for readable in
        select
            nspname as name,
            oid
        from pg_namespace
        where nspname = any(schemas) and pg_has_role(nspowner, 'usage')
    loop
        if not has_schema_privilege('firstpress_reader', readable.oid, 'usage') then
            execute format('grant usage on schema %I to firstpress_reader', readable.name);
        end if;
        if not exists (
            select 1
            from pg_default_acl
            cross join lateral aclexplode(defaclacl) as acl
            where
                defaclnamespace = readable.oid
                and defaclrole = current_user::regrole
                and defaclobjtype = 'r'
                and acl.grantee = 'firstpress_reader'::regrole
        ) then
            execute format(
                'alter default privileges in schema %I grant select on tables to firstpress_reader', readable.name
            );
        end if;
    end loop;
    for readable in
        select oid::regclass as name
        from pg_class
        where
            relnamespace in (select oid from pg_namespace where nspname = any(schemas))
            and relkind in ('r', 'p', 'v', 'm', 'f')
            and pg_has_role(relowner, 'usage')
            and not has_table_privilege('firstpress_reader', oid, 'select')
    loop
        execute format('grant select on %s to firstpress_reader', readable.name);
    end loop;
end
$$;
comment on function ops.let_readers_read(text[]) is
'Lets the role firstpress_reader read all tables and views of these schemas, also those to come; nothing where there is no such role';

select ops.let_readers_read(array['staging', 'core', 'trends', 'ops']);

-- An object that may be kept no longer goes before the columns that were read from it.
alter table raw.albums alter column json drop not null;
alter table raw.album_tracks alter column json drop not null;
alter table raw.track_details alter column json drop not null;
comment on column raw.albums.json is
'The album object without tracks and available_markets; null once it was purged. Cast to jsonb to look inside';
comment on column raw.album_tracks.json is
'The simplified track object without available_markets; null once it was purged';
comment on column raw.track_details.json is 'The track object without any available_markets; null once it was purged';
comment on column raw.audio_features.json is
'The audio features object as it was sent; null while there are none and once it was purged';
comment on column raw.quarantine.json is
'The item as Spotify sent it; null where there was no answer about it and once it was purged';

create table ops.purges (
    purge_id uuid primary key,
    started_at timestamptz not null default now(),
    finished_at timestamptz,
    version text not null,
    retention text not null
);
comment on table ops.purges is 'One row per firstpress purge. Key: purge_id (a UUIDv7, so it sorts by time)';
comment on column ops.purges.purge_id is 'Key';
comment on column ops.purges.started_at is 'When it began';
comment on column ops.purges.finished_at is
'When all that was due had gone, and the tables built from it were published; null when it was killed or a check failed';
comment on column ops.purges.version is 'Version of firstpress';
comment on column ops.purges.retention is 'RETENTION_DAYS as it was set';

create table ops.purged (
    purge_id uuid not null references ops.purges,
    retention text not null,
    relation text not null,
    before timestamptz not null,
    rows bigint not null,
    primary key (purge_id, retention, relation)
);
comment on table ops.purged is 'What a purge took away, entered with it. Key: purge_id, retention, relation';
comment on column ops.purged.purge_id is 'The purge';
comment on column ops.purged.retention is 'The name in RETENTION_DAYS by which it was due';
comment on column ops.purged.relation is 'Table';
comment on column ops.purged.before is 'What is older was due';
comment on column ops.purged.rows is 'Rows that went; of the retention json, rows that lost their object';

-- A run goes only when no album names it, and Postgres looks for that run by run.
create index album_ledger_discovered_run_id on ops.album_ledger (discovered_run_id);
create index album_ledger_loaded_run_id on ops.album_ledger (loaded_run_id);
