select
    array(select track_id from raw.track_details where track_id = any($1)),
    array(select track_id from raw.audio_features where track_id = any($1))
