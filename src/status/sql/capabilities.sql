select
    endpoint,
    usable,
    reason,
    asked_at,
    is_inferred
from ops.capabilities
where client_id = $1
order by endpoint
