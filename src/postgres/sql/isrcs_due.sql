select details.track_id
from raw.track_details as details
where
    details.source = 'album'
    and details.run_id <> $1
    and not exists (
        select 1
        from raw.quarantine as waiting
        where
            waiting.item_type = 'track'
            and waiting.item_id = details.track_id
            and coalesce(waiting.retry_at, 'infinity') > now()
    )
order by details.extracted_at, details.track_id
