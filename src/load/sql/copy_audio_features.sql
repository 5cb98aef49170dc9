copy staged_audio_features (
    track_id, source, danceability, energy, key, loudness, mode, speechiness, acousticness, instrumentalness,
    liveness, valence, tempo, duration_ms, time_signature, missing_reason, attempts, retry_at, json, run_id,
    extracted_at
) from stdin (format binary)
