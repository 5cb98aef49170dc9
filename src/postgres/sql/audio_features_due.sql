select track_id
from raw.audio_features
where retry_at <= now()
order by track_id
