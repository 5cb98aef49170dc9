select
    track_id,
    source as features_source,
    missing_reason as features_missing_reason,
    danceability,
    energy,
    loudness,
    speechiness,
    acousticness,
    instrumentalness,
    liveness,
    valence,
    nullif(tempo, 0) as tempo,
    nullif(key, -1) as key,
    nullif(mode, -1) as mode,
    nullif(time_signature, 0) as time_signature,
    extracted_at
from {{ source('raw', 'audio_features') }}
