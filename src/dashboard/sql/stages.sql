select
    run_id,
    step,
    status,
    extract(epoch from finished_at - started_at)::double precision as seconds,
    rows,
    calls,
    retries,
    waited_seconds,
    error
from ops.run_steps
where run_id in (select run_id from ops.runs order by started_at desc limit $1)
order by started_at, finished_at
