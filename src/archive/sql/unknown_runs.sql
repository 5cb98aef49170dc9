select run_id::text
from ops.runs
where run_id <> all($1)
order by started_at, run_id
