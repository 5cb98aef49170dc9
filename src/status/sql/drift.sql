select
    endpoint,
    object,
    field,
    change
from ops.api_drift
where run_id = (select run_id from ops.runs order by started_at desc limit 1)
order by endpoint, object, field
