select
    run_id,
    status,
    started_at,
    finished_at,
    version,
    api_url,
    not_before,
    daily_budget,
    error
from ops.runs
where
    status <> 'running'
    and not exists (
        select 1
        from ops.archives
        where archives.run_id = runs.run_id and archives.archive = $1
    )
order by started_at, run_id
