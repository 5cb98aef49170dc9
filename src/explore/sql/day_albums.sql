with day as (
    select
        $1::timestamp at time zone 'utc' as begins_at,
        ($1 + 1)::timestamp at time zone 'utc' as ends_at
)

select
    count(*) filter (where ledger.discovered_at >= day.begins_at and ledger.discovered_at < day.ends_at) as discovered,
    count(*) filter (where ledger.loaded_at >= day.begins_at and ledger.loaded_at < day.ends_at) as stored,
    count(*) filter (where ledger.discovered_at < day.ends_at and ledger.loaded_at is null) as waiting
from day
left join ops.album_ledger as ledger
    on true
