update raw.audio_features as stored
set
    (
        danceability, energy, key, loudness, mode, speechiness, acousticness, instrumentalness, liveness, valence,
        tempo, duration_ms, time_signature
    ) = row(
        rebuilt.danceability, rebuilt.energy, rebuilt.key, rebuilt.loudness, rebuilt.mode, rebuilt.speechiness,
        rebuilt.acousticness, rebuilt.instrumentalness, rebuilt.liveness, rebuilt.valence, rebuilt.tempo,
        rebuilt.duration_ms, rebuilt.time_signature
    )
from staged_audio_features as rebuilt
where
    stored.track_id = rebuilt.track_id
    and row(
        stored.danceability, stored.energy, stored.key, stored.loudness, stored.mode, stored.speechiness,
        stored.acousticness, stored.instrumentalness, stored.liveness, stored.valence, stored.tempo,
        stored.duration_ms, stored.time_signature
    ) is distinct from row(
        rebuilt.danceability, rebuilt.energy, rebuilt.key, rebuilt.loudness, rebuilt.mode, rebuilt.speechiness,
        rebuilt.acousticness, rebuilt.instrumentalness, rebuilt.liveness, rebuilt.valence, rebuilt.tempo,
        rebuilt.duration_ms, rebuilt.time_signature
    )
