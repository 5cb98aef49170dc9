select
    quarantine.item_type,
    quarantine.item_id,
    quarantine.endpoint,
    quarantine.reason,
    quarantine.attempts,
    -- audio features are asked for again when their own row says so
    case
        when quarantine.item_type = 'audio_features' then audio_features.retry_at else quarantine.retry_at
    end as retry_at,
    quarantine.dropped_at,
    quarantine.extracted_at,
    quarantine.json
from raw.quarantine as quarantine
left join raw.audio_features as audio_features
    on quarantine.item_type = 'audio_features' and quarantine.item_id = audio_features.track_id
order by quarantine.extracted_at, quarantine.item_type, quarantine.item_id
