copy staged_track_popularity (track_id, observed_on, popularity, run_id, extracted_at) from stdin (format binary)
