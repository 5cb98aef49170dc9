-- The latest run says which API the database belongs to, and when Spotify may be called again. A run that the ledger of
-- albums names stays too, as the one row that it is in ops.runs.
with named as (
    select discovered_run_id as run_id from ops.album_ledger
    union
    select loaded_run_id from ops.album_ledger where loaded_run_id is not null
),

due as (
    select
        runs.run_id,
        runs.started_at,
        exists (select 1 from named where named.run_id = runs.run_id) as is_named
    from ops.runs as runs
    where
        runs.started_at >= $3
        and runs.started_at < $2
        and runs.started_at < (select max(started_at) from ops.runs)
        and (
            not exists (select 1 from named where named.run_id = runs.run_id)
            or exists (select 1 from ops.run_steps as steps where steps.run_id = runs.run_id)
            or exists (select 1 from ops.api_calls as calls where calls.run_id = runs.run_id)
            or exists (select 1 from ops.check_results as results where results.run_id = runs.run_id)
            or exists (select 1 from ops.api_drift as drift where drift.run_id = runs.run_id)
        )
    order by runs.started_at
    limit $4
),

steps as (
    delete from ops.run_steps
    where run_id in (select run_id from due)
    returning 1
),

calls as (
    delete from ops.api_calls
    where run_id in (select run_id from due)
    returning 1
),

results as (
    delete from ops.check_results
    where run_id in (select run_id from due)
    returning 1
),

drift as (
    delete from ops.api_drift
    where run_id in (select run_id from due)
    returning 1
),

archives as (
    delete from ops.archives
    where run_id in (select run_id from due where not is_named)
    returning 1
),

runs as (
    delete from ops.runs
    where run_id in (select run_id from due where not is_named)
    returning 1
),

recorded as (
    insert into ops.purged as purged (purge_id, retention, relation, before, rows)
    select $1, 'runs', relation, $2, rows
    from (
        select 'ops.runs' as relation, count(*) as rows from runs
        union all
        select 'ops.run_steps', count(*) from steps
        union all
        select 'ops.api_calls', count(*) from calls
        union all
        select 'ops.check_results', count(*) from results
        union all
        select 'ops.api_drift', count(*) from drift
        union all
        select 'ops.archives', count(*) from archives
    ) as counts
    on conflict (purge_id, retention, relation) do update
    set rows = purged.rows + excluded.rows
)

select
    count(*) as rows,
    max(started_at) as reached
from due
