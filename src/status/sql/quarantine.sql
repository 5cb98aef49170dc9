select
    item_type,
    reason,
    count(*) as items,
    min(retry_at) as next_try_at
from raw.quarantine
where dropped_at is null
group by item_type, reason
order by items desc, item_type, reason
limit 10
