delete from raw.quarantine as quarantine
where
    (quarantine.item_type = 'album' and quarantine.item_id in (select album_id from staged_albums))
    or (quarantine.item_type = 'track' and quarantine.item_id in (select track_id from staged_track_details))
    or (
        quarantine.item_type = 'audio_features'
        and quarantine.item_id in (select track_id from staged_audio_features where source is not null)
    )
