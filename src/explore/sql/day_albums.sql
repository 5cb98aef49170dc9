with day as (
    select
        $1::timestamp at time zone 'utc' as begins_at,
        ($1 + 1)::timestamp at time zone 'utc' as ends_at
)

select
    (
        select count(*) from ops.album_ledger as ledger
        where ledger.discovered_at >= day.begins_at and ledger.discovered_at < day.ends_at
    ) as discovered,
    (
        select count(*) from ops.album_ledger as ledger
        where ledger.loaded_at >= day.begins_at and ledger.loaded_at < day.ends_at
    ) as stored,
    (select count(*) from ops.waiting_albums as waiting where waiting.discovered_at < day.ends_at) as waiting
from day
