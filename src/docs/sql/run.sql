select
    run_id,
    status,
    started_at,
    extract(epoch from finished_at - started_at)::double precision as seconds,
    error
from ops.runs
order by started_at desc
limit 1
