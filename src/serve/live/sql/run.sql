-- The run that is at work, or the latest.
select
    run_id,
    status,
    started_at,
    finished_at,
    extract(epoch from finished_at - started_at)::double precision as seconds,
    error,
    is_at_work
from ops.run_states
order by started_at desc
limit 1
