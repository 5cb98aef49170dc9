copy rebuilt_track_details (
    track_id, album_id, name, duration_ms, explicit, popularity, isrc, artist_ids, market_set_id, source,
    withheld_fields, json, run_id, extracted_at
) from stdin (format binary)
