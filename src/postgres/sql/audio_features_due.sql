select track_id
from raw.audio_features
where retry_at <= now() or (attempts = 0 and retry_at is null)
order by coalesce(retry_at, extracted_at), track_id
