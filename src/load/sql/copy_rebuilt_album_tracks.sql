copy rebuilt_album_tracks (
    album_id, track_id, disc_number, track_number, name, duration_ms, explicit, artist_ids, market_set_id, json,
    run_id, extracted_at
) from stdin (format binary)
