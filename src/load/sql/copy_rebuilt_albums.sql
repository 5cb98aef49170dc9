copy rebuilt_albums (
    album_id, name, album_type, artist_ids, total_tracks, release_date, release_date_precision, released_on,
    label, popularity, upc, market_set_id, withheld_fields, json, run_id, extracted_at
) from stdin (format binary)
