select
    array(
        select track_id
        from raw.track_details
        where track_id = any($1)
        union
        -- nobody wants to know any more
        select item_id
        from raw.quarantine
        where item_type = 'track' and dropped_at is not null and item_id = any($1)
    ),
    array(select track_id from raw.audio_features where track_id = any($1))
