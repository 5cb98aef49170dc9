copy staged_artists (artist_id, name, run_id, extracted_at) from stdin (format binary)
