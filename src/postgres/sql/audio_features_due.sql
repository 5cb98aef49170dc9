select track_id
from raw.audio_features
where retry_at <= now() or attempts = 0
order by coalesce(retry_at, extracted_at), track_id
