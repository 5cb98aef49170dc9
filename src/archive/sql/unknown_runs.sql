-- Runs whose rows the archive never held.
select run_id::text
from ops.runs
where
    run_id <> all($1)
    and not exists (
        select 1
        from ops.archives
        where archives.run_id = runs.run_id and archives.archive = $2 and archives.purged_at is not null
    )
order by started_at, run_id
