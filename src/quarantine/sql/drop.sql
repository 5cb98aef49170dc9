with chosen as (
    select
        item_type,
        item_id
    from unnest($1::text[], $2::text[]) as chosen (item_type, item_id)
),

audio_features_left_alone as (
    update raw.audio_features as audio_features
    set retry_at = null
    from chosen
    where
        chosen.item_type = 'audio_features'
        and audio_features.track_id = chosen.item_id
        and audio_features.source is null
)

update raw.quarantine as quarantine
set
    retry_at = null,
    dropped_at = coalesce(quarantine.dropped_at, now())
from chosen
where quarantine.item_type = chosen.item_type and quarantine.item_id = chosen.item_id
