select
    item_type,
    reason,
    items,
    next_try_at
from ops.quarantine_reasons
order by items desc, item_type, reason
limit 10
