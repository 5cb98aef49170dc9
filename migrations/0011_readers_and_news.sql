-- For those who look: how far a run is, what waits without the raw rows, and a word to who listens.

create table ops.run_progress (
    run_id uuid not null references ops.runs on delete cascade,
    step text not null,
    started_at timestamptz not null default now(),
    done bigint not null default 0,
    total bigint,
    updated_at timestamptz not null default now(),
    primary key (run_id, step)
);
comment on table ops.run_progress is
'How far the stages of the running job are; those of earlier runs go when one begins. Key: run_id, step';
comment on column ops.run_progress.run_id is 'The run';
comment on column ops.run_progress.step is 'Name of the stage, as in ops.run_steps once it has ended';
comment on column ops.run_progress.started_at is 'When the stage began';
comment on column ops.run_progress.done is 'Albums or models that are done';
comment on column ops.run_progress.total is 'Of how many; null where nobody knows';
comment on column ops.run_progress.updated_at is 'When this was last written';

-- The newest album is asked for with every move of a run.
create index album_ledger_loaded_at on ops.album_ledger (loaded_at);

alter table ops.runs add column daily_budget bigint;
comment on column ops.runs.daily_budget is
'Calls that it was allowed in any 24 hours; null without a budget, and in runs that did not write it down yet';

-- One that died without a word still says that it is running, until the next begins: only the run lock, which the server
-- takes from a dead process, tells. Its key spells "fpress".
create view ops.run_states as
select
    runs.run_id,
    runs.started_at,
    runs.finished_at,
    case when runs.status = 'running' and not holder.is_at_work then 'died?' else runs.status end as status,
    runs.version,
    runs.not_before,
    runs.error,
    holder.is_at_work,
    runs.status = 'succeeded' or (
        exists (
            select 1
            from ops.run_steps as loads
            where loads.run_id = runs.run_id and loads.step in ('finish_load', 'load') and loads.rows > 0
        )
        and exists (
            select 1
            from ops.run_steps as transforms
            where
                transforms.run_id = runs.run_id
                and transforms.step = 'transform'
                and transforms.status = 'succeeded'
        )
    ) as brought_data
from ops.runs as runs
cross join
    lateral (
        select
            'firstpress run ' || runs.run_id::text in (
                select activity.application_name
                from pg_locks as locks
                inner join pg_stat_activity as activity on locks.pid = activity.pid
                where
                    locks.locktype = 'advisory'
                    and locks.granted
                    and locks.database = (select oid from pg_database where datname = current_database())
                    and (locks.classid::bigint << 32) + locks.objid::bigint = x'667072657373'::bigint
            ) as is_at_work
    ) as holder;
comment on view ops.run_states is 'Runs as they are at this moment. Key: run_id';
comment on column ops.run_states.run_id is 'The run';
comment on column ops.run_states.started_at is 'When it began';
comment on column ops.run_states.finished_at is 'When it ended; null while it runs and when it died';
comment on column ops.run_states.status is
'As in ops.runs; died? where it never said that it ended, but holds the run lock no longer';
comment on column ops.run_states.version is 'Version of firstpress';
comment on column ops.run_states.not_before is 'Spotify asked not to be called before';
comment on column ops.run_states.error is 'Why it did not succeed';
comment on column ops.run_states.is_at_work is 'Whether its process is there, also after it has said how it ended';
comment on column ops.run_states.brought_data is
'Whether it succeeded, or was ended early but stored albums and published them: the data is of the newest such run';

-- The owner reads raw for those who may not.
create view ops.waiting_albums as
select
    ledger.album_id,
    ledger.discovered_at
from ops.album_ledger as ledger
where
    ledger.loaded_at is null
    and not exists (
        select 1
        from raw.quarantine as dropped
        where
            dropped.item_type = 'album'
            and dropped.item_id = ledger.album_id
            and dropped.dropped_at is not null
    );
comment on view ops.waiting_albums is
'Albums that were discovered, are not stored, and were not dropped from quarantine. Key: album_id';
comment on column ops.waiting_albums.album_id is 'The album';
comment on column ops.waiting_albums.discovered_at is 'When it was discovered';

create view ops.backlog as
select
    (select count(*) from ops.waiting_albums) as waiting_albums,
    (select count(*) from raw.audio_features where retry_at is not null or attempts = 0) as features_awaited,
    (
        select count(*) from raw.audio_features
        where retry_at <= now() or (attempts = 0 and retry_at is null)
    ) as features_due,
    (select count(*) from raw.track_details where source = 'album') as isrcs_waiting,
    (select count(*) from raw.quarantine where dropped_at is null) as quarantined;
comment on view ops.backlog is 'What waits: one row';
comment on column ops.backlog.waiting_albums is 'Albums that were discovered but are not stored';
comment on column ops.backlog.features_awaited is 'Tracks about whose audio features somebody will be asked';
comment on column ops.backlog.features_due is 'Those of them that the next run asks about';
comment on column ops.backlog.isrcs_waiting is
'Tracks whose details come from their album''s list, and whose ISRC is asked for as the budget allows';
comment on column ops.backlog.quarantined is 'Items in quarantine';

create view ops.quarantine_reasons as
select
    item_type,
    reason,
    count(*) as items,
    min(retry_at) as next_try_at
from raw.quarantine
where dropped_at is null
group by item_type, reason;
comment on view ops.quarantine_reasons is
'Items that could not be used, counted by what they are and why. Key: item_type, reason';
comment on column ops.quarantine_reasons.item_type is 'album, album_track, track or audio_features';
comment on column ops.quarantine_reasons.reason is 'Why they could not be used';
comment on column ops.quarantine_reasons.items is 'How many there are';
comment on column ops.quarantine_reasons.next_try_at is
'When the first of them is tried again; null when none will be';

-- Whoever says `listen firstpress` hears `run` when a run or a stage of it moves, and `publication` when other tables
-- are to be read; once a transaction, when it commits.
create function ops.tell_listeners()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform pg_notify('firstpress', tg_argv[0]);
    return null;
end
$$;
comment on function ops.tell_listeners() is 'Tells who listens on the channel firstpress what has changed';

create trigger tell_listeners after insert or update on ops.runs
for each statement execute function ops.tell_listeners('run');
create trigger tell_listeners after insert or update on ops.run_steps
for each statement execute function ops.tell_listeners('run');
create trigger tell_listeners after insert or update on ops.run_progress
for each statement execute function ops.tell_listeners('run');
create trigger tell_listeners after insert or update on ops.published
for each statement execute function ops.tell_listeners('publication');

-- From Postgres 16 on, who has made a role may not yet act as it.
do $$
begin
    if
        not pg_has_role(
            to_regrole('firstpress_reader'),
            case when current_setting('server_version_num')::integer >= 160000 then 'set' else 'member' end
        )
    then
        execute format('grant firstpress_reader to %I', current_user);
    end if;
exception
    when insufficient_privilege then
        raise notice '% may not act as firstpress_reader', current_user;
end
$$;

-- Where the database's own locale is C it knows capitals from a to z only, so those of ICU are asked, if it is there.
do $$
begin
    if to_regcollation('pg_catalog."und-x-icu"') is not null then
        create function ops.folded(name text) returns text language sql immutable parallel safe
        as 'select lower(name collate "und-x-icu")';
    else
        create function ops.folded(name text) returns text language sql immutable parallel safe
        as 'select lower(name)';
    end if;
end
$$;
comment on function ops.folded(text) is 'The text without capitals, so that a name is found however it is typed';

select ops.let_readers_read(array['ops']);
