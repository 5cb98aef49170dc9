select
    ledger.album_id,
    ledger.total_tracks
from ops.album_ledger as ledger
left join raw.quarantine as quarantine
    on quarantine.item_type = 'album' and ledger.album_id = quarantine.item_id
where
    ledger.loaded_at is null
    and (quarantine.item_id is null or quarantine.retry_at <= now())
order by ledger.discovered_at, ledger.album_id
