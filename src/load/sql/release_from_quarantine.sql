delete from raw.quarantine
where
    (item_type = 'album' and item_id = any($1))
    or (item_type = 'track' and item_id = any($2))
    or (
        item_type = 'audio_features'
        and item_id in (select track_id from staged_audio_features where source is not null)
    )
